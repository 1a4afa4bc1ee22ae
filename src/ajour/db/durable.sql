-- What brings to disk what was committed without waiting for that.

-- name: to_disk
-- Something to commit that touches no table: a message for whoever decodes the log, under a prefix
-- that nobody waits for. The disk is waited for as far as that, and all commits before it are there.
select pg_logical_emit_message(true, 'ajour', '')

-- name: longest_delay
-- In how many seconds all is there without us, by the manual's page on asynchronous commit.
select (3 * extract(epoch from current_setting('wal_writer_delay')::interval))::text

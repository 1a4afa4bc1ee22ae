-- What a new connection asks about the one that was lost.

-- name: works
-- Whether the process $1, begun at $2, is still there; without a time (it belongs to a pooler, and
-- lives on), whether it still works on something of ours; pid 0 is one that we never heard of.
-- One that waits for us is about to read what we sent last, unless it waits for long: then nothing
-- comes any more, and the server does not know that the line is dead.
select exists (
  select from pg_catalog.pg_stat_activity a
  where a.pid <> pg_backend_pid() and a.datname = current_database()
    and case when $2 <> '' then a.pid = $1::int and a.backend_start::text = $2
      and not (a.wait_event = 'ClientRead' and a.xact_start is null
        and a.state_change < clock_timestamp() - interval '3 s')
      else $1::int in (0, a.pid) and a.state <> 'idle' and a.application_name like 'ajour %'
    end)::text

-- name: transaction_status
-- What became of a transaction, as far as the server remembers.
select pg_catalog.pg_xact_status($1::xid8)

-- name: end_process
-- Ends the process of a line that is dead, which has nothing left to do: until the server knew, it
-- would keep the lock.
select pg_terminate_backend(pid)::text from pg_catalog.pg_stat_activity
where pid = $1::int and backend_start::text = $2

-- What a scratch database is asked before and after each statement that is watched.

-- name: observe_relations
-- Every relation that is not PostgreSQL's own: name, kind, file, how often and how much of it this
-- transaction has read, and of an index its table.
select c.oid::text, n.nspname, c.relname, c.relkind::text,
  coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::text,
  coalesce(pg_catalog.pg_stat_get_xact_numscans(c.oid), 0)::text,
  coalesce(pg_catalog.pg_stat_get_xact_tuples_returned(c.oid), 0)::text,
  i.indrelid::text
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_index i on i.indexrelid = c.oid
where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'

-- name: observe_locks
-- The locks of relations that the server process $1 holds, or our own.
select l.relation::text, l.mode
from pg_catalog.pg_locks l
where l.pid = coalesce($1::int, pg_catalog.pg_backend_pid()) and l.locktype = 'relation'
  and l.granted and l.database = (
    select oid from pg_catalog.pg_database where datname = current_database())

-- name: observe_clock
-- How far the server's log is written, in bytes, and its clock, in milliseconds.
select (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text,
  (1000 * extract(epoch from pg_catalog.clock_timestamp()))::text

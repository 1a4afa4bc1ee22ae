-- What a new connection asks about the one that was lost.

-- name: works
-- Whether the process $1, begun at $2, is still there; without a time (it belongs to a pooler, and
-- lives on), whether it still works on something of ours.
select exists (
  select from pg_catalog.pg_stat_activity a
  where a.pid = $1::int and a.pid <> pg_backend_pid()
    and case when $2 <> '' then a.backend_start::text = $2
      else a.state <> 'idle' and a.application_name like 'ajour %' end)::text

-- name: transaction_status
-- What became of a transaction, as far as the server remembers.
select pg_catalog.pg_xact_status($1::xid8)

-- What the onlooker asks about a server process that is at work. $1 is its pid.

-- name: activity
-- What it is at, and since when.
select query, extract(epoch from clock_timestamp() - query_start)::text
from pg_catalog.pg_stat_activity where pid = $1::int and state = 'active'

-- name: blockers
-- Whom it waits for.
select a.pid::text, a.usename, a.application_name, a.state,
  extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change))::int::text,
  left(a.query, 200)
from pg_catalog.pg_stat_activity a
where a.pid = any (pg_catalog.pg_blocking_pids($1::int))
order by a.xact_start
limit 3

-- name: progress
-- How far it is, where the server counts.
select 'index build: ' || phase || coalesce(', ' || 100 * blocks_done / nullif(blocks_total, 0) || ' %', '')
from pg_catalog.pg_stat_progress_create_index where pid = $1::int
union all
select lower(command) || ': ' || phase
  || coalesce(', ' || 100 * heap_blks_scanned / nullif(heap_blks_total, 0) || ' %', '')
from pg_catalog.pg_stat_progress_cluster where pid = $1::int
union all
select 'vacuum: ' || phase
  || coalesce(', ' || 100 * heap_blks_scanned / nullif(heap_blks_total, 0) || ' %', '')
from pg_catalog.pg_stat_progress_vacuum where pid = $1::int

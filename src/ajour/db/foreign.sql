-- Reads the histories that other tools keep. {table} stands for such a table, quoted and qualified.
-- Each block gives: version, name, when it was run (in seconds), whether it broke off, whether it
-- stands for all versions up to it, and what was run, as a JSON array of statements.

-- name: foreign_tables
-- The tables with names that other tools use, and their columns; $1 are schemas to pass over.
-- With $2 and $3, the one table of that schema and name.
select n.nspname, c.relname,
  (select json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text,
  (select json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype))::text
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v')
  and case when $2::text is null
    then c.relname in ('schema_migrations', 'flyway_schema_history', 'goose_db_version',
        '_sqlx_migrations')
      and n.nspname !~ '^(pg_|information_schema)'
      and n.nspname <> all (string_to_array($1, ','))
    else n.nspname = $2 and c.relname = $3 end
order by 1, 2

-- name: foreign_supabase
-- Older tables lack the columns name and statements.
select t.version::text, to_jsonb(t) ->> 'name', null, 'false', 'false',
  (to_jsonb(t) -> 'statements')::text
from {table} t order by t.version::text collate "C"

-- name: foreign_dbmate
select version::text, null, null, 'false', 'false', null
from {table} order by version::text collate "C"

-- name: foreign_golang_migrate
-- One row, for all versions up to it.
select version::text, null, null, dirty::text, 'true', null from {table}

-- name: foreign_flyway
-- An undone migration has a later row that says so; a baseline stands for all before it.
select coalesce('V' || version, script), case when type <> 'BASELINE' then script end,
  extract(epoch from installed_on::timestamptz)::text, (not success)::text,
  (type = 'BASELINE')::text, null
from (
  select distinct on (coalesce(version, script)) * from {table}
  order by coalesce(version, script), installed_rank desc
) latest
where type not like 'UNDO%' and type not in ('DELETE', 'SCHEMA')
order by installed_rank

-- name: foreign_goose
-- Each way up and down is a row; the last one of a version counts. The version 0 is goose's own.
select version_id::text, null, extract(epoch from tstamp::timestamptz)::text, 'false', 'false', null
from (
  select distinct on (version_id) * from {table} order by version_id, id desc
) latest
where is_applied and version_id > 0
order by version_id

-- name: foreign_sqlx
select version::text, description, extract(epoch from installed_on::timestamptz)::text,
  (not success)::text, 'false', null
from {table} order by version

-- name: foreign_other
-- {version}, {name} and {time} are columns that were found in it.
select {version}::text, {name}::text, extract(epoch from {time}::timestamptz)::text,
  'false', 'false', null
from {table} order by {version}::text collate "C"

-- name: adopt_check
select case when (select count(*) from {history}) <> $1::int
  then ('ajour:history-changed ' || pg_backend_pid())::int end

-- name: adopt_row
-- When it was run is taken over where it is known; how long it took is not ours to say.
with unfinished as (
  delete from {progress} where name = $1
)
insert into {history} (name, executed_at, checksum, applied_by, sql)
values ($1, coalesce($2::timestamptz, clock_timestamp()), $3, session_user, $4)

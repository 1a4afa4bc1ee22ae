-- The history of the Supabase CLI, kept beside ours. It has one row for each version: the digits
-- that a file's name begins with. What it lists already stays as it is.

-- name: mirror_incomplete
-- Whether the table, or a column of it, is missing.
select
  (select count(*) < 3 from pg_catalog.pg_attribute
    where attrelid = to_regclass('supabase_migrations.schema_migrations')
      and attname in ('version', 'name', 'statements') and not attisdropped)::text

-- name: mirror_schema
create schema if not exists supabase_migrations

-- name: mirror_table
create table if not exists supabase_migrations.schema_migrations (version text primary key)

-- name: mirror_columns
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[], add column if not exists name text

-- name: mirror_lacks
-- How many versions of our history it does not list.
select count(distinct substring(h.name from '^[0-9]+'))::text from {history} h
where h.name ~ '^[0-9]+_.*\.sql$' and not exists (
  select from supabase_migrations.schema_migrations m
  where m.version = substring(h.name from '^[0-9]+'))

-- name: mirror_all
-- What was run is kept in one piece: as JSON, since an older table of ours lacks the column.
insert into supabase_migrations.schema_migrations (version, name, statements)
select distinct on (1) substring(h.name from '^[0-9]+'), substring(h.name from '^[0-9]+_(.*)\.sql$'),
  case when to_jsonb(h) ->> 'sql' is not null then array[to_jsonb(h) ->> 'sql'] end
from {history} h
where h.name ~ '^[0-9]+_.*\.sql$'
order by 1, h.name collate "C"
on conflict (version) do nothing
returning version

-- name: mirror_record
insert into supabase_migrations.schema_migrations (version, name, statements)
values ($1, $2, $3::text[])
on conflict (version) do nothing

-- name: mirror_accept
update supabase_migrations.schema_migrations set statements = $3::text[]
where version = $1 and coalesce(name, $2) = $2

-- name: mirror_forget
-- Not the row of another file with the same version.
delete from supabase_migrations.schema_migrations
where version = $1 and coalesce(name, $2) = $2

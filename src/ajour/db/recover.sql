-- What a statement outside a transaction left behind: asked before it runs, and after it failed.

-- name: indexes
-- The indexes of a table: oid, schema, name, valid, whether it is one that has storage, and the
-- server process that builds it at this moment. Of other roles' processes only the pid is shown:
-- then who builds on this table is taken to build this one.
select c.oid::text, n.nspname, c.relname, i.indisvalid::text, (c.relkind = 'i')::text,
  (select min(p.pid)::text
   from pg_catalog.pg_stat_progress_create_index p
   where p.pid <> pg_backend_pid() and not i.indisvalid
     and case when p.relid is not null then p.index_relid = c.oid
       else exists (
         select from pg_catalog.pg_locks l where l.pid = p.pid and l.relation = i.indrelid) end)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where i.indrelid = to_regclass($1)
order by c.oid

-- name: reindex_leftovers
-- What REINDEX CONCURRENTLY leaves: $1 index, table, schema, database or system; $2 its name.
select n.nspname, c.relname
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
  and not exists (
    select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid)
  and case $1
    when 'table' then i.indrelid = to_regclass($2)
    when 'index' then i.indrelid = (
      select indrelid from pg_catalog.pg_index where indexrelid = to_regclass($2))
    when 'schema' then n.nspname = $2
    else true end

-- name: partition
-- Whether a partition is attached to its parent still, and whether its detaching is under way. The
-- column is there since PostgreSQL 14, and so is the statement: before that, NULL.
select to_jsonb(i) ->> 'inhdetachpending' from pg_catalog.pg_inherits i
where inhparent = to_regclass($1) and inhrelid = to_regclass($2)

-- name: relation
select to_regclass($1)::oid::text

-- name: database
select max(oid::bigint)::text from pg_catalog.pg_database where datname = $1

-- name: tablespace
select max(oid::bigint)::text from pg_catalog.pg_tablespace where spcname = $1

-- name: subscription
select max(s.oid::bigint)::text from pg_catalog.pg_subscription s
join pg_catalog.pg_database d on d.oid = s.subdbid
where s.subname = $1 and d.datname = current_database()

-- What `ajour plan` asks about relations. $1 is a JSON array of names, as SQL writes them. Only
-- relation_sizes takes a lock, and that the weakest: so partitions are looked up in pg_inherits,
-- since pg_partition_tree() locks them, and definitions are the catalogue's own columns, since
-- pg_get_indexdef() and pg_get_constraintdef() lock the table.

-- name: relation_server
-- What tells this database from all others, as far as everybody may ask, and how many replicas.
select d.oid::text, d.datname, current_setting('server_version_num'),
  (select count(*)::text from pg_catalog.pg_stat_replication)
from pg_catalog.pg_database d where d.datname = current_database()

-- name: relation_system
-- Which cluster it is: never the same for two.
select system_identifier::text from pg_catalog.pg_control_system()

-- name: relation_facts
select wanted.name, c.oid::text, c.relkind::text,
  (select sum(p.relpages::bigint * current_setting('block_size')::bigint)::text
    from pg_catalog.pg_class p where p.oid = any (parts.oids)),
  (select sum(ic.relpages::bigint * current_setting('block_size')::bigint)::text
    from pg_catalog.pg_index i join pg_catalog.pg_class ic on ic.oid = i.indexrelid
    where i.indrelid = any (parts.oids)),
  -- Counted by ANALYZE, or by the statistics since; 0 is 0 only where there is not one page.
  (select sum(case
      when p.reltuples > 0 then p.reltuples
      when pg_stat_get_live_tuples(p.oid) > 0 then pg_stat_get_live_tuples(p.oid)
      when p.reltuples = 0 and pg_stat_get_last_analyze_time(p.oid) is not null then 0
    end)::bigint::text
    from pg_catalog.pg_class p where p.oid = any (parts.oids) and p.relkind in ('r', 'm')),
  (select to_char(min(greatest(pg_stat_get_last_analyze_time(p.oid),
      pg_stat_get_last_autoanalyze_time(p.oid))) at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
    from pg_catalog.pg_class p where p.oid = any (parts.oids) and p.relkind in ('r', 'm')
    having count(*) = count(greatest(pg_stat_get_last_analyze_time(p.oid),
      pg_stat_get_last_autoanalyze_time(p.oid)))),
  (array_length(parts.oids, 1) - 1)::text,
  (select json_agg(distinct v.oid::regclass::text)::text
    from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid
    join pg_catalog.pg_class v on v.oid = r.ev_class
    where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refobjid = c.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and v.oid <> c.oid),
  (select json_agg(distinct f.conrelid::regclass::text)::text from pg_catalog.pg_constraint f
    where f.confrelid = c.oid and f.contype = 'f' and f.conrelid <> c.oid),
  (select json_agg(p.pubname order by p.pubname)::text from pg_catalog.pg_publication p
    where c.relkind in ('r', 'p') and (p.puballtables or exists (
      select from pg_catalog.pg_publication_rel m where m.prpubid = p.oid and m.prrelid = c.oid))),
  (select json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))::text
    from pg_catalog.pg_index i join pg_catalog.pg_attribute a
      on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = c.oid and i.indisprimary),
  md5(concat_ws('/',
    (select string_agg(concat_ws(' ', a.attname,
        pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    (select string_agg(concat_ws(' ', k.conname, k.contype, k.convalidated, k.conkey::text,
        k.confrelid, k.confkey::text, k.confupdtype, k.confdeltype, k.conbin::text),
        ',' order by k.conname)
      from pg_catalog.pg_constraint k where k.conrelid = c.oid),
    (select string_agg(concat_ws(' ', i.indexrelid, i.indisvalid, i.indisunique, i.indkey::text,
        i.indclass::text, i.indoption::text, i.indexprs::text, i.indpred::text),
        ',' order by i.indexrelid)
      from pg_catalog.pg_index i where i.indrelid = c.oid),
    (select string_agg(t.tgname, ',' order by t.tgname)
      from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)))
from json_array_elements_text($1::json) with ordinality wanted(name, place)
join pg_catalog.pg_class c on c.oid = to_regclass(wanted.name)
cross join lateral (select array(with recursive below(oid) as (
    select c.oid union
    select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid
    join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
  select oid from below) as oids) parts
order by wanted.place

-- name: relation_sizes
-- Bytes of the rows and of the indexes. Fails, after lock_timeout, where another session has the
-- strongest lock.
select wanted.name, sum(pg_catalog.pg_table_size(part))::bigint::text,
  sum(pg_catalog.pg_indexes_size(part))::bigint::text
from json_array_elements_text($1::json) wanted(name)
cross join lateral unnest(array(with recursive below(oid) as (
    select to_regclass(wanted.name)::oid union
    select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid
    join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
  select oid from below)) parts(part)
where part is not null
group by wanted.name

-- name: relation_holders
-- Who has a lock on them, or on a partition of theirs, or waits for one.
select wanted.name, a.pid::text, coalesce(a.usename, a.backend_type), a.application_name, a.state,
  coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::int::text,
  left(a.query, 200), l.mode, l.granted::text
from json_array_elements_text($1::json) wanted(name)
cross join lateral unnest(array(with recursive below(oid) as (
    select to_regclass(wanted.name)::oid union
    select i.inhrelid from below b join pg_catalog.pg_inherits i on i.inhparent = b.oid
    join pg_catalog.pg_class p on p.oid = i.inhrelid and p.relispartition)
  select oid from below)) parts(part)
join pg_catalog.pg_locks l on l.relation = part and l.locktype = 'relation'
  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.pid <> pg_catalog.pg_backend_pid()
order by l.granted desc, a.xact_start
limit 200

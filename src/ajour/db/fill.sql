-- What the filling of a scratch database asks about its tables.

-- name: fill_tables
-- Ordinary tables with the constraints that a row must satisfy. The history's own are left out.
select n.nspname, c.relname, c.oid::text,
  (select json_agg(x.text)::text from (
    select pg_catalog.pg_get_expr(k.conbin, k.conrelid) as text from pg_catalog.pg_constraint k
    where k.conrelid = c.oid and k.contype = 'c'
    union all select pg_catalog.pg_get_partition_constraintdef(c.oid) where c.relispartition
  ) x where x.text is not null)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass
    and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname

-- name: fill_columns
-- The columns that a row is made of: neither generated nor an identity, and no serial.
select a.attrelid::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  coalesce(b.typname, t.typname),
  case when coalesce(b.typcategory, t.typcategory) = 'A' then 'a'
    else coalesce(b.typtype, t.typtype)::text end,
  (case when coalesce(b.typname, t.typname) in ('varchar', 'bpchar') then
      case when m.mod > 4 then m.mod - 4 end
    when coalesce(b.typname, t.typname) = 'numeric' then
      case when m.mod > 4 then greatest(((m.mod - 4) >> 16) - ((m.mod - 4) & 2047), 0) end
  end)::text,
  (a.attnotnull or t.typnotnull)::text,
  (select string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ')
    from pg_catalog.pg_constraint k where k.contypid = t.oid)
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_type b on t.typtype = 'd' and b.oid = t.typbasetype
cross join lateral (select case when t.typtype = 'd' then t.typtypmod else a.atttypmod end) m(mod)
where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
  and a.attgenerated = '' and a.attidentity = ''
  and not exists (select from pg_catalog.pg_attrdef d
    where d.adrelid = a.attrelid and d.adnum = a.attnum
      and pg_catalog.pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
order by a.attrelid, a.attnum

-- name: fill_keys
-- Foreign keys: the table, the table that they lead to, and the columns of both.
select k.conrelid::text, k.confrelid::text,
  (select json_agg(a.attname order by x.place)::text
    from unnest(k.conkey) with ordinality x(number, place)
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.number),
  (select json_agg(a.attname order by x.place)::text
    from unnest(k.confkey) with ordinality x(number, place)
    join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.number)
from pg_catalog.pg_constraint k
where k.contype = 'f' and k.conrelid = any ($1::oid[])
order by k.conrelid, k.conname

-- name: fill_views
-- The materialized views that cannot be read yet, in the order in which they were made.
select n.nspname, c.relname
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'm' and not c.relispopulated
order by c.oid

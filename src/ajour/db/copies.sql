-- What a backup has to know of the tables, and the statements that make them anew. The search path
-- is empty: whatever a function here writes has its schema before it.

-- name: copies_tables
-- Tables, partitioned ones and materialized views outside the schemas $1, those of extensions
-- left out. Columns that are worked out from others are not among them: no copy has their values.
select n.nspname, c.relname, c.relkind::text, pg_total_relation_size(c.oid)::text,
  greatest(c.reltuples, 0)::bigint::text,
  row_security_active(c.oid)::text,
  (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))::text,
  coalesce((select json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod))
      order by a.attnum)
    from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
    '[]')::text,
  coalesce((select json_agg(a.attname order by array_position(x.indkey::int2[], a.attnum))
    from pg_index x join pg_attribute a on a.attrelid = c.oid and a.attnum = any (x.indkey)
    where x.indrelid = c.oid and x.indisprimary), '[]')::text,
  coalesce((select json_agg(i.relname order by i.relname)
    from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid), '[]')::text,
  coalesce((select json_agg(s.relname order by s.relname)
    from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
      and d.refobjid = c.oid and d.deptype in ('a', 'i')), '[]')::text,
  (select json_build_array(pn.nspname, p.relname)::text
    from pg_inherits h join pg_class p on p.oid = h.inhparent
    join pg_namespace pn on pn.oid = p.relnamespace
    where h.inhrelid = c.oid and c.relispartition)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and n.nspname <> all (string_to_array($1, ','))
  and not exists (select from pg_depend d
    where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
order by n.nspname, c.relname

-- name: copies_table
-- The statement that makes the table $1, a quoted name with its schema, without what comes after.
select 'create ' || case c.relpersistence when 'u' then 'unlogged ' else '' end || 'table '
  || c.oid::regclass
  || case when c.relispartition
    then ' partition of ' || (select inhparent::regclass from pg_inherits where inhrelid = c.oid)
      || ' ' || pg_get_expr(c.relpartbound, c.oid)
    else ' (' || coalesce((select string_agg(quote_ident(a.attname) || ' '
          || format_type(a.atttypid, a.atttypmod)
          || case when a.attcollation <> t.typcollation
            then (select ' collate ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
              from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
              where co.oid = a.attcollation)
            else '' end
          || case when a.attidentity <> '' then
              ' generated ' || case a.attidentity when 'a' then 'always' else 'by default' end
              || (select format(' as identity (sequence name %s start %s increment %s minvalue %s '
                    'maxvalue %s cache %s%s)', s.seqrelid::regclass, s.seqstart, s.seqincrement,
                    s.seqmin, s.seqmax, s.seqcache, case when s.seqcycle then ' cycle' else '' end)
                from pg_sequence s join pg_depend sd on sd.objid = s.seqrelid
                  and sd.classid = 'pg_class'::regclass and sd.refclassid = 'pg_class'::regclass
                where sd.refobjid = c.oid and sd.refobjsubid = a.attnum and sd.deptype = 'i')
            when a.attgenerated <> '' then ' generated always as ('
              || pg_get_expr(d.adbin, d.adrelid) || ')'
              || case a.attgenerated when 's' then ' stored' else ' virtual' end
            when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid)
            else '' end
          || case when a.attnotnull then ' not null' else '' end, ', ' order by a.attnum)
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '') || ')' end
  || coalesce(' partition by ' || pg_get_partkeydef(c.oid), '')
from pg_class c where c.oid = $1::regclass

-- name: copies_sequences
-- The statements that make the sequences of the table's serial columns.
select format('create sequence %s as %s start %s increment %s minvalue %s maxvalue %s cache %s%s',
  s.seqrelid::regclass, format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin,
  s.seqmax, s.seqcache, case when s.seqcycle then ' cycle' else '' end)
from pg_sequence s join pg_depend d on d.objid = s.seqrelid and d.deptype = 'a'
  and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
where d.refobjid = $1::regclass order by 1

-- name: copies_after
-- The statements for behind the rows, foreign keys last.
select sql from (
  select 0 as rank, format('alter sequence %s owned by %s.%I', s.oid::regclass, c.oid::regclass,
      a.attname) as sql, c.oid
  from pg_class c join pg_depend d on d.refobjid = c.oid and d.deptype = 'a'
    and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
  join pg_class s on s.oid = d.objid and s.relkind = 'S'
  join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
  union all
  select 1 + (o.contype = 'f')::int * 8, format('alter table %s add constraint %I %s',
      o.conrelid::regclass, o.conname, pg_get_constraintdef(o.oid)), o.conrelid
  from pg_constraint o
  where o.contype in ('p', 'u', 'c', 'x', 'f') and o.conparentid = 0 and o.conislocal
  union all
  select 2, pg_get_indexdef(x.indexrelid), x.indrelid
  from pg_index x join pg_class i on i.oid = x.indexrelid and not i.relispartition
  where not exists (select from pg_constraint o
    where o.conindid = x.indexrelid and o.contype in ('p', 'u', 'x'))
  union all
  select 3, pg_get_triggerdef(g.oid), g.tgrelid
  from pg_trigger g where not g.tgisinternal
  union all
  select 4, format('alter table %s enable row level security', c.oid::regclass), c.oid
  from pg_class c where c.relrowsecurity
  union all
  select 4, format('alter table %s force row level security', c.oid::regclass), c.oid
  from pg_class c where c.relforcerowsecurity
  union all
  select 5, format('create policy %I on %s as %s for %s to %s%s%s', p.polname,
    p.polrelid::regclass,
    case when p.polpermissive then 'permissive' else 'restrictive' end,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
      when 'd' then 'delete' else 'all' end,
    (select string_agg(case role when 0 then 'public'
      else quote_ident(pg_get_userbyid(role)) end, ', ') from unnest(p.polroles) role),
    ' using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
    ' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), p.polrelid
  from pg_policy p
  union all
  select 6, format('revoke all on %s from public, %I', c.oid::regclass,
    pg_get_userbyid(c.relowner)), c.oid
  from pg_class c where c.relacl is not null
  union all
  select 7, format('grant %s on %s to %s%s', x.privilege_type, c.oid::regclass,
    case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end,
    case when x.is_grantable then ' with grant option' else '' end), c.oid
  from pg_class c, aclexplode(c.relacl) x
) every where oid = $1::regclass order by rank, sql

-- name: copies_there
-- Of the table $1: whether it is there, the columns that a copy can fill, and the tables with a
-- foreign key to it that would pass a deletion on.
select (c.oid is not null)::text,
  coalesce((select json_agg(a.attname order by a.attnum) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
    '[]')::text,
  coalesce((select string_agg(distinct o.conrelid::regclass::text, ', ') from pg_constraint o
    where o.confrelid = c.oid and o.contype = 'f' and o.confdeltype in ('c', 'n', 'd')), '')
from (select to_regclass($1) as oid) wanted left join pg_class c on c.oid = wanted.oid

-- name: copies_triggers
-- The statements that switch the table's own triggers off, and on again as they were.
select format('alter table %s disable trigger %I', g.tgrelid::regclass, g.tgname),
  format('alter table %s enable %strigger %I', g.tgrelid::regclass,
    case g.tgenabled when 'A' then 'always ' when 'R' then 'replica ' else '' end, g.tgname)
from pg_trigger g
where g.tgrelid = any (array(select relid from pg_partition_tree($1::regclass)
    union all select $1::regclass))
  and not g.tgisinternal and g.tgenabled <> 'D'
order by g.tgrelid <> $1::regclass, g.tgname

-- name: copies_counters
-- The sequences of the table's columns, with the column that each one numbers.
select s.oid::regclass::text, quote_ident(a.attname), q.seqincrement::text
from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_sequence q on q.seqrelid = s.oid
join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
  and d.refobjid = $1::regclass and d.deptype in ('a', 'i')

-- name: copies_type
select (to_regtype($1) is not null)::text

-- name: copies_count_on
-- Sets the sequence $1 to $2, unless it is further already.
select setval(s.oid, $2::bigint) from (select $1::regclass as oid) s
where $2::bigint >= coalesce(pg_sequence_last_value(s.oid), $2::bigint)

-- name: copies_positions
-- The statements that set each sequence of the list $1 to where it is, of those in use.
select format('select pg_catalog.setval(%L, %s)', name, pg_sequence_last_value(name::regclass))
from json_array_elements_text($1::json) name
where pg_sequence_last_value(name::regclass) is not null

-- name: copies_large_objects
-- How many large objects there are, and about how many bytes they have.
select (select count(*) from pg_largeobject_metadata)::text,
  pg_total_relation_size('pg_largeobject')::text

-- name: copies_references
-- Of the list $1 the pairs of two tables with a foreign key from the first to the second.
select distinct one, other
from json_array_elements_text($1::json) one, json_array_elements_text($1::json) other,
  pg_constraint o
where o.contype = 'f' and one <> other
  and o.conrelid = to_regclass(one) and o.confrelid = to_regclass(other)

-- name: copies_inherits
-- The statements by which the table $1 inherits from others, where it is no partition.
select format('alter table %s inherit %s', c.oid::regclass, h.inhparent::regclass)
from pg_class c join pg_inherits h on h.inhrelid = c.oid
where c.oid = $1::regclass and not c.relispartition
order by h.inhseqno

-- name: copies_defaults
-- What our new objects give to others by default: the schema, "" for all of them, and the
-- statements that end it and begin it again.
select coalesce(n.nspname, ''),
  format('alter default privileges%s revoke %s on %s from %s',
    ' in schema ' || quote_ident(n.nspname), x.privilege_type, said.kind, said.grantee),
  format('alter default privileges%s grant %s on %s to %s%s',
    ' in schema ' || quote_ident(n.nspname), x.privilege_type, said.kind, said.grantee,
    case when x.is_grantable then ' with grant option' else '' end)
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
cross join aclexplode(d.defaclacl) x
cross join lateral (select case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
    when 'f' then 'functions' when 'T' then 'types' else 'schemas' end,
  case x.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(x.grantee)) end)
  said(kind, grantee)
where pg_get_userbyid(d.defaclrole) = current_user and d.defaclobjtype in ('r', 'S', 'f', 'T', 'n')
  and (n.oid is not null or x.grantee not in (0, d.defaclrole))
order by 1, 2

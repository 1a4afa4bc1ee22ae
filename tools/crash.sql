-- What a database consists of, one object a row: two databases with the same rows are alike.
with ours as (
  select oid, nspname from pg_namespace where nspname in ('public', 'other')
)
select 'relation' as what, c.oid::regclass::text as name,
  concat_ws(' ', c.relkind, c.relrowsecurity, c.relacl, pg_get_partkeydef(c.oid),
    pg_get_expr(c.relpartbound, c.oid)) as is
from pg_class c join ours on ours.oid = c.relnamespace where c.relkind <> 'i'
union all
select 'column', a.attrelid::regclass || '.' || a.attname,
  concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid))
from pg_attribute a
join pg_class c on c.oid = a.attrelid join ours on ours.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v')
union all
select 'index', i.indexrelid::regclass::text,
  concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
from pg_index i join pg_class c on c.oid = i.indrelid join ours on ours.oid = c.relnamespace
union all
select 'constraint', n.conrelid::regclass || '.' || n.conname,
  concat_ws(' ', pg_get_constraintdef(n.oid), n.convalidated)
from pg_constraint n join ours on ours.oid = n.connamespace where n.conrelid <> 0
union all
select 'trigger', t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid)
from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours on ours.oid = c.relnamespace
where not t.tgisinternal
union all
select 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
from pg_proc p join ours on ours.oid = p.pronamespace
order by 1, 2, 3

-- name: stand_ins
-- The extensions whose comment holds $1, and the functions of each, as they are called: with the
-- schema where that is the extension's own. What PostgreSQL has under the same name is left out.
select e.extname, string_agg(distinct
  case when n.nspname in ('extensions', 'public') then p.proname
    else n.nspname || '.' || p.proname end, ',')
from pg_catalog.pg_extension e
left join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_extension'::regclass
  and d.refobjid = e.oid and d.deptype = 'e' and d.classid = 'pg_catalog.pg_proc'::regclass
left join pg_catalog.pg_proc p on p.oid = d.objid and not exists (
  select from pg_catalog.pg_proc ours
  where ours.proname = p.proname and ours.pronamespace = 'pg_catalog'::regnamespace)
left join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where pg_catalog.obj_description(e.oid, 'pg_extension') like '%' || $1 || '%'
group by e.extname
order by e.extname

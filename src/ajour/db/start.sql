-- What a copy of a real database begins with, beside its schema: its history, and what the project
-- has made on the platform's own tables.

-- name: start_history
-- Whole rows, so that an older table with columns of its own comes along as it is.
select coalesce(json_agg(to_jsonb(h)), '[]')::text, count(*)::text from {history} h

-- name: start_progress
select coalesce(json_agg(to_jsonb(p)), '[]')::text, count(*)::text from {progress} p

-- name: start_take_history
insert into {history} overriding system value
select * from jsonb_populate_recordset(null::{history}, $1::jsonb)

-- name: start_take_progress
insert into {progress} select * from jsonb_populate_recordset(null::{progress}, $1::jsonb)

-- name: start_no_defaults
-- A dump expects that new objects in schema public give nobody a right, and says at its end which
-- rights later ones shall give.
do language plpgsql $$ declare its record; begin
  for its in
    select distinct pg_catalog.pg_get_userbyid(d.defaclrole) as owner,
      case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
        else 'types' end as kind,
      pg_catalog.pg_get_userbyid(acl.grantee) as grantee
    from pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) acl
    where d.defaclnamespace = 'public'::regnamespace and acl.grantee <> 0
  loop
    execute pg_catalog.format(
      'alter default privileges for role %I in schema public revoke all on %s from %I',
      its.owner, its.kind, its.grantee);
  end loop;
end $$

-- name: start_empty_path
select set_config('search_path', '', true)

-- name: start_triggers
-- Triggers on tables of the schemas $1 that call a function of another schema.
select pg_catalog.pg_get_triggerdef(t.oid)
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc f on f.oid = t.tgfoid
join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace
where not t.tgisinternal and t.tgparentid = 0
  and n.nspname = any (string_to_array($1, ','))
  and fn.nspname <> all (string_to_array($1, ',') || array['pg_catalog'])
order by n.nspname, c.relname, t.tgname

-- name: start_policies
-- Policies on tables of the schemas $1; those of extensions come with the extension.
select pg_catalog.format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s%s%s',
  p.polname, n.nspname, c.relname,
  case when p.polpermissive then 'PERMISSIVE' else 'RESTRICTIVE' end,
  case p.polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE'
    when 'd' then 'DELETE' else 'ALL' end,
  (select string_agg(case role when 0 then 'PUBLIC'
      else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(role)) end, ', ')
    from unnest(p.polroles) role),
  ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
  ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any (string_to_array($1, ','))
  and not exists (select from pg_catalog.pg_depend d
    where d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype = 'e')
order by n.nspname, c.relname, p.polname

-- What `ajour doctor` asks the server. Every question reads the catalogue alone.

-- name: examine_server
-- The server and the role that we are, in one row.
select
  current_setting('server_version'),
  current_setting('server_version_num'),
  current_user,
  r.rolsuper::text,
  r.rolbypassrls::text,
  r.rolcreaterole::text,
  r.rolcreatedb::text,
  current_setting('TimeZone'),
  current_setting('server_encoding'),
  (select setting from pg_catalog.pg_settings where name = 'data_directory')
from pg_catalog.pg_roles r where r.rolname = current_user

-- name: examine_timeouts
-- The timeouts that are in force, in milliseconds, and who set them.
select name, case unit when 's' then setting::bigint * 1000 else setting::bigint end::text, source
from pg_catalog.pg_settings
where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
  'idle_session_timeout', 'transaction_timeout')
order by name

-- name: examine_rights
-- What we may do where the history is kept: in schema $1, with table $2.
select
  has_database_privilege(current_database(), 'create')::text,
  has_database_privilege(current_database(), 'temporary')::text,
  (select has_schema_privilege(n.oid, 'create')::text
    from pg_catalog.pg_namespace n where n.nspname = $1),
  (select pg_catalog.pg_get_userbyid(c.relowner) from pg_catalog.pg_class c
    where c.oid = to_regclass($2)),
  (select pg_has_role(c.relowner, 'usage')::text from pg_catalog.pg_class c
    where c.oid = to_regclass($2)),
  (select bool_and(has_table_privilege(to_regclass($2), wanted))::text
    from unnest(array['select', 'insert', 'update', 'delete']) wanted
    where to_regclass($2) is not null)

-- name: examine_access
-- Who else may do what with the tables $1 (a JSON array of names): the roles of the array $2, and
-- everybody. One row for each table that is there.
select c.oid::regclass::text, c.relrowsecurity::text, array_to_string(array(
  select coalesce(g.rolname, 'public') || ': ' || string_agg(lower(a.privilege_type), ', '
    order by a.privilege_type)
  from pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) a
  left join pg_catalog.pg_roles g on g.oid = a.grantee
  where a.grantee = 0 or g.rolname = any (array(select json_array_elements_text($2::json)))
  group by g.rolname order by g.rolname), '; ')
from pg_catalog.pg_class c
where c.oid = any (array(select to_regclass(name) from json_array_elements_text($1::json) name))
order by 1

-- name: examine_size
select pg_catalog.pg_database_size(current_database())::text

-- name: examine_largest
-- The largest tables; the server's own estimate says which they are.
select c.oid::regclass::text, pg_catalog.pg_total_relation_size(c.oid)::text
from pg_catalog.pg_class c
where c.relkind in ('r', 'm') and c.relpages > 0 and c.relnamespace not in (
  select oid from pg_catalog.pg_namespace where nspname in ('pg_catalog', 'information_schema'))
order by c.relpages desc limit 3

-- name: examine_tables
-- Of the tables in $1 (a JSON array of names) those that are there: owner, whether we are it, and bytes.
select c.oid::regclass::text, pg_catalog.pg_get_userbyid(c.relowner),
  pg_has_role(c.relowner, 'usage')::text, pg_catalog.pg_total_relation_size(c.oid)::text
from pg_catalog.pg_class c
where c.oid = any (array(select to_regclass(name)::oid from json_array_elements_text($1::json) name))
order by 1

-- name: examine_extensions
-- Of the extensions in $1 (a JSON array of names): whether they are there, to be had, and trusted.
select wanted, (e.default_version is not null)::text, (e.installed_version is not null)::text,
  coalesce(v.trusted, false)::text
from json_array_elements_text($1::json) wanted
left join pg_catalog.pg_available_extensions e on e.name = wanted
left join pg_catalog.pg_available_extension_versions v
  on v.name = wanted and v.version = e.default_version
order by 1

-- name: examine_indexes
-- Indexes that no query uses and, of those that are ready, every write pays for. One that is being
-- built is no such.
select i.indexrelid::regclass::text, i.indrelid::regclass::text, c.relkind::text
from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
where not i.indisvalid and not exists (
  select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
order by 1

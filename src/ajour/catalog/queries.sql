-- What a schema is, kind by kind. Every query gives the same columns, see "objects":
--   kind, schema, name, relation, class, id, sub, owner, acl, usual, definition, attributes
-- `usual` is the type that acldefault takes: what everyone has of an object without an ACL.
-- A line that ends in "-- 15+" is for servers of that major and newer, "-- 14-" for older ones.
-- {own x}: x is no member of an extension. {free x}: nor did a type make it, as ranges make functions. {schema}: schema n is neither PostgreSQL's own nor one
-- of those that $1 leaves out. Attributes that are null are left out.
-- {shown x}: the options x without the values that look like secrets; {hidden x}: a hash of those.

-- name: objects
with o (kind, schema, name, relation, class, id, sub, owner, acl, usual, definition, attributes)
  as (:query)
select coalesce(json_agg(json_build_array(o.kind, o.schema, o.name, o.relation,
  o.class || ':' || o.id || ':' || o.sub,
  case when o.kind not in ('column', 'default privileges') then pg_get_userbyid(o.owner) end,
  d.description,
  (select json_agg(json_build_array(
      case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee) end,
      x.privilege_type, x.is_grantable, pg_get_userbyid(x.grantor)))::text
    from aclexplode(coalesce(o.acl, acldefault(o.usual, o.owner))) x
    where x.grantee is distinct from o.owner),
  case when o.acl is not null and o.usual is not null then (select json_agg(x.privilege_type)
    from aclexplode(acldefault(o.usual, o.owner)) x
    where x.grantee = o.owner and not exists (select from aclexplode(o.acl) has
      where has.grantee = x.grantee and has.privilege_type = x.privilege_type)) end,
  o.definition, o.attributes)), '[]')
from o left join pg_description d
  on d.classoid = o.class and d.objoid = o.id and d.objsubid = o.sub
where $1::text is not null

-- name: schemas
select 'schema', '', n.nspname, '', n.tableoid, n.oid, 0, n.nspowner, n.nspacl, 'n'::"char",
  null, json_build_object()
from pg_namespace n
where {schema} and {own n}

-- name: extensions
select 'extension', '', e.extname, '', e.tableoid, e.oid, 0, null::oid, null::aclitem[],
  null::"char", null, json_build_object('schema', n.nspname, 'version', e.extversion)
from pg_extension e join pg_namespace n on n.oid = e.extnamespace

-- name: functions
select case p.prokind when 'p' then 'procedure' else 'function' end,
  n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')', '',
  p.tableoid, p.oid, 0, p.proowner, p.proacl, 'f'::"char",
  pg_get_functiondef(p.oid),
  json_build_object(
    'arguments', pg_get_function_arguments(p.oid),
    'returns', pg_get_function_result(p.oid),
    'language', l.lanname,
    'window', case when p.prokind = 'w' then true end,
    'volatility', case p.provolatile when 'i' then 'immutable' when 's' then 'stable' end,
    'strict', nullif(p.proisstrict, false),
    'security_definer', nullif(p.prosecdef, false),
    'leakproof', nullif(p.proleakproof, false),
    'parallel', case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end,
    'cost', nullif(p.procost, case when l.lanname in ('c', 'internal') then 1 else 100 end)::text,
    'rows', case when p.proretset then nullif(p.prorows, 1000)::text end,
    'support', nullif(p.prosupport, 0)::regproc::text,
    'settings', p.proconfig,
    'transforms', (select array_agg(format_type(t, null)) from unnest(p.protrftypes) t),
    'library', nullif(p.probin, ''),
    'body', coalesce(
      pg_get_function_sqlbody(p.oid), -- 14+
      p.prosrc))
from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where p.prokind <> 'a' and {schema} and {own p} and {free p}

-- name: aggregates
select 'aggregate', n.nspname,
  p.proname || '(' || coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') || ')',
  '', p.tableoid, p.oid, 0, p.proowner, p.proacl, 'f'::"char", null,
  json_build_object('options', array_remove(array[
    'sfunc = ' || a.aggtransfn, 'stype = ' || format_type(a.aggtranstype, null),
    'sspace = ' || nullif(a.aggtransspace, 0),
    'finalfunc = ' || nullif(a.aggfinalfn, 0)::regproc,
    case when a.aggfinalextra then 'finalfunc_extra' end,
    case when a.aggfinalfn <> 0 and a.aggfinalmodify <> case when a.aggkind = 'n' then 'r' else 'w' end
      then 'finalfunc_modify = ' || case a.aggfinalmodify when 'r' then 'read_only'
        when 's' then 'shareable' else 'read_write' end end,
    'combinefunc = ' || nullif(a.aggcombinefn, 0)::regproc,
    'serialfunc = ' || nullif(a.aggserialfn, 0)::regproc,
    'deserialfunc = ' || nullif(a.aggdeserialfn, 0)::regproc,
    'initcond = ' || quote_literal(a.agginitval),
    'msfunc = ' || nullif(a.aggmtransfn, 0)::regproc,
    'minvfunc = ' || nullif(a.aggminvtransfn, 0)::regproc,
    'mstype = ' || nullif(format_type(nullif(a.aggmtranstype, 0), null), '-'),
    'msspace = ' || nullif(a.aggmtransspace, 0),
    'mfinalfunc = ' || nullif(a.aggmfinalfn, 0)::regproc,
    case when a.aggmfinalextra then 'mfinalfunc_extra' end,
    case when a.aggmfinalfn <> 0 and a.aggmfinalmodify <> case when a.aggkind = 'n' then 'r' else 'w' end
      then 'mfinalfunc_modify = ' || case a.aggmfinalmodify when 'r' then 'read_only'
        when 's' then 'shareable' else 'read_write' end end,
    'minitcond = ' || quote_literal(a.aggminitval),
    (select format('sortop = operator(%I.%s)', s.nspname, op.oprname) from pg_operator op
      join pg_namespace s on s.oid = op.oprnamespace where op.oid = a.aggsortop),
    case when a.aggkind = 'h' then 'hypothetical' end,
    'parallel = ' || case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end
  ], null))
from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid join pg_namespace n on n.oid = p.pronamespace
where {schema} and {own p}

-- name: types
select case t.typtype when 'e' then 'enum' when 'd' then 'domain' else 'type' end,
  n.nspname, t.typname, '', coalesce(c.tableoid, t.tableoid), coalesce(c.oid, t.oid), 0,
  t.typowner, t.typacl, 'T'::"char", null,
  case t.typtype
    when 'e' then json_build_object('labels', (
      select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
    when 'd' then json_build_object(
      'type', format_type(t.typbasetype, t.typtypmod),
      'collation', (select format('%I.%I', cn.nspname, co.collname) from pg_collation co
        join pg_namespace cn on cn.oid = co.collnamespace join pg_type b on b.oid = t.typbasetype
        where co.oid = t.typcollation and co.oid <> b.typcollation),
      'not_null', nullif(t.typnotnull, false),
      'default', t.typdefault)
    when 'c' then json_build_object('form', 'composite')
    when 'r' then (select json_build_object('form', 'range',
        'subtype', format_type(r.rngsubtype, null),
        'multirange', (to_jsonb(r) ->> 'rngmultitypid')::oid::regtype::text,
        'options', array_remove(array[
          (select format('subtype_opclass = %I.%I', s.nspname, oc.opcname) from pg_opclass oc
            join pg_namespace s on s.oid = oc.opcnamespace
            where oc.oid = r.rngsubopc and not oc.opcdefault),
          (select format('collation = %I.%I', s.nspname, co.collname) from pg_collation co
            join pg_namespace s on s.oid = co.collnamespace join pg_type b on b.oid = r.rngsubtype
            where co.oid = r.rngcollation and co.oid <> b.typcollation),
          'canonical = ' || nullif(r.rngcanonical, 0)::regproc,
          'subtype_diff = ' || nullif(r.rngsubdiff, 0)::regproc], null))
      from pg_range r where r.rngtypid = t.oid)
    else json_build_object('form', case when t.typisdefined then 'base' else 'shell' end,
      'options', array_remove(array[
        'input = ' || nullif(t.typinput, 0)::regproc, 'output = ' || nullif(t.typoutput, 0)::regproc,
        'receive = ' || nullif(t.typreceive, 0)::regproc, 'send = ' || nullif(t.typsend, 0)::regproc,
        'typmod_in = ' || nullif(t.typmodin, 0)::regproc,
        'typmod_out = ' || nullif(t.typmodout, 0)::regproc,
        'analyze = ' || nullif(t.typanalyze, 0)::regproc,
        'internallength = ' || case when t.typlen < 0 then 'variable' else t.typlen::text end,
        case when t.typbyval then 'passedbyvalue' end, 'alignment = ' || t.typalign::text,
        'storage = ' || t.typstorage::text, 'category = ' || quote_literal(t.typcategory::text),
        case when t.typispreferred then 'preferred = true' end,
        'delimiter = ' || nullif(t.typdelim, ',')::text], null))
  end
from pg_type t join pg_namespace n on n.oid = t.typnamespace
left join pg_class c on c.oid = t.typrelid
where (t.typrelid = 0 or c.relkind = 'c') and t.typtype <> 'm' and {schema} and {own t}
  and not exists (select from pg_type e where e.typarray = t.oid)

-- name: domain constraints
select 'domain constraint', n.nspname, k.conname, t.typname, k.tableoid, k.oid, 0,
  null::oid, null::aclitem[], null::"char", pg_get_constraintdef(k.oid),
  json_build_object('type', case k.contype when 'c' then 'check' else 'not null' end,
    'not_valid', nullif(not k.convalidated, false))
from pg_constraint k join pg_type t on t.oid = k.contypid join pg_namespace n on n.oid = t.typnamespace
where {schema} and {own t}
  and (k.contype = 'c' or k.conname <> t.typname || '_not_null')

-- name: sequences
select 'sequence', n.nspname, c.relname, '', c.tableoid, c.oid, 0, c.relowner, c.relacl, 's'::"char",
  null, json_build_object(
    'type', format_type(s.seqtypid, null), 'start', s.seqstart, 'increment', s.seqincrement,
    'minimum', s.seqmin, 'maximum', s.seqmax, 'cache', s.seqcache,
    'cycle', nullif(s.seqcycle, false),
    'unlogged', case when c.relpersistence = 'u' then true end,
    'identity', case when d.deptype = 'i' then true end,
    'owned_by', case when t.oid is not null then
      format('%I.%I.%I', tn.nspname, t.relname, a.attname) end)
from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
  and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
left join pg_class t on t.oid = d.refobjid
left join pg_namespace tn on tn.oid = t.relnamespace
left join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
where {schema} and {own c}

-- name: tables
select case when c.relkind = 'f' then 'foreign table' else 'table' end,
  n.nspname, c.relname, '', c.tableoid, c.oid, 0, c.relowner, c.relacl, 'r'::"char", null,
  json_build_object(
    'partition_key', pg_get_partkeydef(c.oid),
    'partition_of', case when c.relispartition then parents.names[1] end,
    'bound', pg_get_expr(c.relpartbound, c.oid),
    'inherits', case when not c.relispartition then parents.names end,
    'of_type', format_type(nullif(c.reloftype, 0), null),
    'unlogged', case when c.relpersistence = 'u' then true end,
    'options', (select json_agg(o order by o) from unnest(c.reloptions) o),
    'toast_options', (select json_agg(o order by o) from unnest(toast.reloptions) o),
    'access_method', nullif(am.amname, 'heap'),
    'tablespace', s.spcname,
    'row_security', nullif(c.relrowsecurity, false),
    'force_row_security', nullif(c.relforcerowsecurity, false),
    'replica_identity', case when c.relkind <> 'f' then
      case c.relreplident when 'f' then 'full' when 'n' then 'nothing' end end,
    'server', srv.srvname,
    'fdw_options', {shown f.ftoptions}, 'hidden_values', {hidden f.ftoptions})
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_class toast on toast.oid = c.reltoastrelid
left join pg_am am on am.oid = c.relam
left join pg_tablespace s on s.oid = c.reltablespace
left join pg_foreign_table f on f.ftrelid = c.oid
left join pg_foreign_server srv on srv.oid = f.ftserver
left join (select i.inhrelid, array_agg(format('%I.%I', pn.nspname, p.relname) order by i.inhseqno)
    from pg_inherits i join pg_class p on p.oid = i.inhparent
    join pg_namespace pn on pn.oid = p.relnamespace group by i.inhrelid) parents (child, names)
  on parents.child = c.oid
where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't' and {schema} and {own c}

-- name: columns
select 'column', n.nspname, a.attname, c.relname, c.tableoid, c.oid, a.attnum, c.relowner,
  a.attacl, null::"char", null,
  json_build_object(
    'position', row_number() over (partition by a.attrelid order by a.attnum),
    'type', format_type(a.atttypid, a.atttypmod),
    'collation', case when a.attcollation <> t.typcollation then
      (select format('%I.%I', cn.nspname, co.collname) from pg_collation co
        join pg_namespace cn on cn.oid = co.collnamespace where co.oid = a.attcollation) end,
    'not_null', nullif(a.attnotnull, false),
    'default', pg_get_expr(d.adbin, d.adrelid),
    'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
    'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
    'storage', case when a.attstorage <> t.typstorage then case a.attstorage
      when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end,
    'usual_storage', case when a.attstorage <> t.typstorage then case t.typstorage
      when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end,
    'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end, -- 14+
    'statistics', nullif(a.attstattarget, -1),
    'options', (select json_agg(o order by o) from unnest(a.attoptions) o),
    'fdw_options', (select json_agg(o order by o) from unnest(a.attfdwoptions) o),
    'inherited', case when a.attinhcount > 0 and not a.attislocal then true end)
from pg_attribute a join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relpersistence <> 't' and {schema}
  and (c.relkind in ('r', 'p', 'f', 'c') or c.relkind in ('v', 'm') and (
    a.attacl is not null or d.oid is not null or a.attoptions is not null
    or nullif(a.attstattarget, -1) is not null
    or c.relkind = 'm' and a.attstorage <> t.typstorage
    or c.relkind = 'm' and a.attcompression <> '' -- 14+
    or exists (select from pg_description x where x.classoid = c.tableoid and x.objoid = c.oid
      and x.objsubid = a.attnum)))

-- name: constraints
select 'constraint', n.nspname, k.conname, c.relname, k.tableoid, k.oid, 0,
  null::oid, null::aclitem[], null::"char", pg_get_constraintdef(k.oid),
  json_build_object(
    'type', case k.contype when 'c' then 'check' when 'f' then 'foreign key'
      when 'p' then 'primary key' when 'u' then 'unique' when 'x' then 'exclude'
      else 'not null' end,
    'columns', (select json_agg(a.attname order by key.place)
      from unnest(k.conkey) with ordinality key (number, place)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.number),
    'references', case when k.contype = 'f' then format('%I.%I', fn.nspname, f.relname) end,
    'referenced_columns', case when k.contype = 'f' then
      (select json_agg(a.attname order by key.place)
      from unnest(k.confkey) with ordinality key (number, place)
      join pg_attribute a on a.attrelid = k.confrelid and a.attnum = key.number) end,
    'not_enforced', nullif(not k.conenforced, false), -- 18+
    'not_valid', nullif(not k.convalidated, false),
    'deferrable', nullif(k.condeferrable, false), 'deferred', nullif(k.condeferred, false),
    'inherited', case when k.conparentid <> 0 or k.coninhcount > 0 and not k.conislocal then true end,
    'no_inherit', case when k.contype in ('c', 'n') then nullif(k.connoinherit, false) end,
    'clustered', nullif(i.indisclustered, false),
    'replica_identity', nullif(i.indisreplident, false),
    'index_options', (select json_agg(o order by o) from unnest(ix.reloptions) o),
    'index_comment', obj_description(ix.oid, 'pg_class'),
    'tablespace', s.spcname)
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_class f on f.oid = k.confrelid left join pg_namespace fn on fn.oid = f.relnamespace
left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
left join pg_class ix on ix.oid = i.indexrelid left join pg_tablespace s on s.oid = ix.reltablespace
where c.relpersistence <> 't' and {schema} and {own c}
  and (k.contype in ('c', 'f', 'p', 'u', 'x') or k.contype = 'n' and (not k.convalidated
    or k.conislocal and (k.connoinherit or exists (select from pg_attribute a
      where a.attrelid = k.conrelid and a.attnum = k.conkey[1]
      and k.conname <> c.relname || '_' || a.attname || '_not_null'
      and (length(c.relname || '_' || a.attname) < 55 or k.conname not like '%\_not\_null')))
    or exists (select from pg_description d where d.classoid = k.tableoid and d.objoid = k.oid)))

-- name: indexes
select 'index', n.nspname, c.relname, t.relname, c.tableoid, c.oid, 0,
  null::oid, null::aclitem[], null::"char", pg_get_indexdef(c.oid),
  json_build_object(
    'unique', nullif(i.indisunique, false),
    'invalid', nullif(not i.indisvalid, false),
    'clustered', nullif(i.indisclustered, false),
    'replica_identity', nullif(i.indisreplident, false),
    'statistics', (select json_agg(a.attnum || ': ' || a.attstattarget order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attstattarget >= 0),
    'tablespace', s.spcname,
    'partition_of', (select format('%I.%I', pn.nspname, p.relname) from pg_inherits h
      join pg_class p on p.oid = h.inhparent join pg_namespace pn on pn.oid = p.relnamespace
      where h.inhrelid = c.oid))
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_tablespace s on s.oid = c.reltablespace
where c.relpersistence <> 't' and {schema} and {own t} and {own c}
  and not exists (select from pg_constraint k
    where k.conindid = c.oid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x'))

-- name: views
select case c.relkind when 'v' then 'view' else 'materialized view' end,
  n.nspname, c.relname, '', c.tableoid, c.oid, 0, c.relowner, c.relacl, 'r'::"char",
  pg_get_viewdef(c.oid),
  json_build_object(
    'options', (select json_agg(o order by o) from unnest(c.reloptions) o),
    'unpopulated', nullif(not c.relispopulated, false),
    'access_method', nullif(am.amname, 'heap'),
    'tablespace', s.spcname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_am am on am.oid = c.relam left join pg_tablespace s on s.oid = c.reltablespace
where c.relkind in ('v', 'm') and c.relpersistence <> 't' and {schema} and {own c}

-- name: triggers
-- Those on tables of schemas that are left out as well, where the function is from elsewhere.
select 'trigger', n.nspname, t.tgname, c.relname, t.tableoid, t.oid, 0,
  null::oid, null::aclitem[], null::"char", pg_get_triggerdef(t.oid),
  json_build_object(
    'enabled', case t.tgenabled when 'D' then 'disabled' when 'R' then 'replica'
      when 'A' then 'always' end,
    'inherited', case when t.tgparentid <> 0 then true end,
    'function', format('%I.%I', fn.nspname, f.proname))
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
join pg_proc f on f.oid = t.tgfoid join pg_namespace fn on fn.oid = f.pronamespace
where not t.tgisinternal and c.relpersistence <> 't' and ({schema} and {own c}
  or fn.nspname <> 'pg_catalog' and fn.nspname <> all (string_to_array($1, ',')) and {own f})

-- name: rules
select 'rule', n.nspname, r.rulename, c.relname, r.tableoid, r.oid, 0,
  null::oid, null::aclitem[], null::"char", pg_get_ruledef(r.oid),
  json_build_object('enabled', case r.ev_enabled when 'D' then 'disabled' when 'R' then 'replica'
    when 'A' then 'always' end)
from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
where r.rulename <> '_RETURN' and {schema} and {own c}

-- name: policies
-- Those on tables of schemas that are left out as well, but for the tables of extensions.
select 'policy', n.nspname, p.polname, c.relname, p.tableoid, p.oid, 0,
  null::oid, null::aclitem[], null::"char", null,
  json_build_object(
    'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
      when 'd' then 'delete' else 'all' end,
    'restrictive', nullif(not p.polpermissive, false),
    'roles', (select json_agg(r.name order by r.name) from (
      select case role when 0 then 'public' else pg_get_userbyid(role)::text end
      from unnest(p.polroles) role) r (name)),
    'using', pg_get_expr(p.polqual, p.polrelid),
    'check', pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
where {own c}

-- name: event triggers
select 'event trigger', '', e.evtname, '', e.tableoid, e.oid, 0, e.evtowner, null::aclitem[],
  null::"char", null,
  json_build_object('event', e.evtevent,
    'tags', (select json_agg(tag order by tag) from unnest(e.evttags) tag),
    'function', format('%I.%I', n.nspname, f.proname),
    'enabled', case e.evtenabled when 'D' then 'disabled' when 'R' then 'replica'
      when 'A' then 'always' end)
from pg_event_trigger e join pg_proc f on f.oid = e.evtfoid
join pg_namespace n on n.oid = f.pronamespace
where {schema} and {own e} and {own f}

-- name: statistics
select 'statistics', n.nspname, s.stxname, '', s.tableoid, s.oid, 0, s.stxowner, null::aclitem[],
  null::"char", pg_get_statisticsobjdef(s.oid),
  json_build_object('target', nullif(s.stxstattarget, -1))
from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
where {schema} and {own s}

-- name: publications
select 'publication', '', p.pubname, '', p.tableoid, p.oid, 0, p.pubowner, null::aclitem[],
  null::"char", null,
  json_build_object('all_tables', nullif(p.puballtables, false),
    'publishes', array_remove(array[case when p.pubinsert then 'insert' end,
      case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end,
      case when p.pubtruncate then 'truncate' end], null),
    'generated', case when p.pubgencols = 's' then 'stored' end, -- 18+
    'via_root', nullif(p.pubviaroot, false))
from pg_publication p
where {own p}

-- name: publication tables
select 'publication table', n.nspname, p.pubname, c.relname, r.tableoid, r.oid, 0,
  null::oid, null::aclitem[], null::"char", null,
  json_build_object(
    'columns', (select json_agg(a.attname order by a.attname) from unnest(r.prattrs) number -- 15+
      join pg_attribute a on a.attrelid = r.prrelid and a.attnum = number), -- 15+
    'where', pg_get_expr(r.prqual, r.prrelid) -- 15+
  )
from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace

-- name: publication schemas -- 15+
select 'publication schema', n.nspname, p.pubname, '', r.tableoid, r.oid, 0,
  null::oid, null::aclitem[], null::"char", null, json_build_object()
from pg_publication_namespace r join pg_publication p on p.oid = r.pnpubid
join pg_namespace n on n.oid = r.pnnspid

-- name: default privileges
-- Without a schema the ACL stands in place of what everyone has, with one it is added to that.
select 'default privileges', coalesce(n.nspname, ''), pg_get_userbyid(d.defaclrole),
  case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
    when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
  d.tableoid, d.oid, 0, case when n.oid is null then d.defaclrole end, d.defaclacl,
  case when n.oid is null then
    case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end::"char" end,
  null, json_build_object()
from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
where n.oid is null or {schema}

-- name: collations
select 'collation', n.nspname, c.collname, '', c.tableoid, c.oid, 0, c.collowner, null::aclitem[],
  null::"char", null,
  json_build_object(
    'provider', case c.collprovider when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin'
      else 'default' end,
    'locale', coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale',
      c.collcollate::text),
    'ctype', case when c.collctype::text <> c.collcollate::text then c.collctype::text end,
    'rules', to_jsonb(c) ->> 'collicurules',
    'nondeterministic', nullif(not c.collisdeterministic, false))
from pg_collation c join pg_namespace n on n.oid = c.collnamespace
where {schema} and {own c}

-- name: casts
select 'cast', '', format_type(c.castsource, null) || ' AS ' || format_type(c.casttarget, null), '',
  c.tableoid, c.oid, 0, null::oid, null::aclitem[], null::"char", null,
  json_build_object('function', nullif(c.castfunc, 0)::regprocedure::text,
    'context', case c.castcontext when 'a' then 'assignment' when 'i' then 'implicit' end,
    'method', case c.castmethod when 'i' then 'inout' when 'b' then 'binary' end)
from pg_cast c
where c.oid >= 16384 and {own c} and {free c}

-- name: operators
select 'operator', n.nspname, format('%s(%s, %s)', o.oprname,
    coalesce(format_type(nullif(o.oprleft, 0), null), 'NONE'),
    coalesce(format_type(nullif(o.oprright, 0), null), 'NONE')), '',
  o.tableoid, o.oid, 0, o.oprowner, null::aclitem[], null::"char", null,
  json_build_object('function', o.oprcode::regproc::text,
    'left', format_type(nullif(o.oprleft, 0), null),
    'right', format_type(nullif(o.oprright, 0), null),
    'commutator', (select format('operator(%I.%s)', cn.nspname, c.oprname) from pg_operator c
      join pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprcom),
    'negator', (select format('operator(%I.%s)', cn.nspname, c.oprname) from pg_operator c
      join pg_namespace cn on cn.oid = c.oprnamespace where c.oid = o.oprnegate),
    'restrict', nullif(o.oprrest, 0)::regproc::text, 'join', nullif(o.oprjoin, 0)::regproc::text,
    'hashes', nullif(o.oprcanhash, false), 'merges', nullif(o.oprcanmerge, false))
from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
where o.oprcode <> 0 and {schema} and {own o}

-- name: operator families
-- Members of a class stand in the class.
select 'operator family', n.nspname, format('%I USING %I', f.opfname, am.amname), '',
  f.tableoid, f.oid, 0, f.opfowner, null::aclitem[], null::"char", null,
  json_build_object('members', (select json_agg(m.said order by m.said)
    from ({members}) m (family, said, id, class) where m.family = f.oid and not exists (
      select from pg_depend d where d.classid = m.class and d.objid = m.id
        and d.refclassid = 'pg_opclass'::regclass and d.deptype = 'i')))
from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am am on am.oid = f.opfmethod
where {schema} and {own f}

-- name: operator classes
select 'operator class', n.nspname, format('%I USING %I', c.opcname, am.amname), '',
  c.tableoid, c.oid, 0, c.opcowner, null::aclitem[], null::"char", null,
  json_build_object('type', format_type(c.opcintype, null), 'default', nullif(c.opcdefault, false),
    'family', format('%I.%I', fn.nspname, f.opfname),
    'key_type', format_type(nullif(c.opckeytype, 0), null),
    'members', (select json_agg(m.said order by m.said)
      from ({members}) m (family, said, id, class) join pg_depend d on d.classid = m.class
        and d.objid = m.id and d.refclassid = c.tableoid and d.refobjid = c.oid
        and d.deptype = 'i'))
from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am am on am.oid = c.opcmethod
join pg_opfamily f on f.oid = c.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace
where {schema} and {own c}

-- name: text search configurations
select 'text search configuration', n.nspname, c.cfgname, '', c.tableoid, c.oid, 0, c.cfgowner,
  null::aclitem[], null::"char", null,
  json_build_object(
    'parser', (select format('%I.%I', pn.nspname, p.prsname) from pg_ts_parser p
      join pg_namespace pn on pn.oid = p.prsnamespace where p.oid = c.cfgparser),
    'mappings', (select json_agg(m.line order by m.line) from (
      select k.alias || ': ' || string_agg(x.mapdict::regdictionary::text, ', ' order by x.mapseqno)
      from pg_ts_config_map x join ts_token_type(c.cfgparser) k on k.tokid = x.maptokentype
      where x.mapcfg = c.oid group by k.alias) m (line)))
from pg_ts_config c join pg_namespace n on n.oid = c.cfgnamespace
where {schema} and {own c}

-- name: text search dictionaries
select 'text search dictionary', n.nspname, d.dictname, '', d.tableoid, d.oid, 0, d.dictowner,
  null::aclitem[], null::"char", null,
  json_build_object(
    'template', (select format('%I.%I', tn.nspname, t.tmplname) from pg_ts_template t
      join pg_namespace tn on tn.oid = t.tmplnamespace where t.oid = d.dicttemplate),
    'options', d.dictinitoption)
from pg_ts_dict d join pg_namespace n on n.oid = d.dictnamespace
where {schema} and {own d}

-- name: languages
select 'language', '', l.lanname, '', l.tableoid, l.oid, 0, l.lanowner, l.lanacl, 'l'::"char", null,
  json_build_object('handler', nullif(l.lanplcallfoid, 0)::regproc::text,
    'inline', nullif(l.laninline, 0)::regproc::text,
    'validator', nullif(l.lanvalidator, 0)::regproc::text,
    'trusted', nullif(l.lanpltrusted, false))
from pg_language l
where l.lanispl and {own l}

-- name: foreign data wrappers
select 'foreign data wrapper', '', f.fdwname, '', f.tableoid, f.oid, 0, f.fdwowner, f.fdwacl,
  'F'::"char", null,
  json_build_object('handler', nullif(f.fdwhandler, 0)::regproc::text,
    'validator', nullif(f.fdwvalidator, 0)::regproc::text,
    'options', {shown f.fdwoptions}, 'hidden_values', {hidden f.fdwoptions})
from pg_foreign_data_wrapper f
where {own f}

-- name: servers
select 'server', '', s.srvname, '', s.tableoid, s.oid, 0, s.srvowner, s.srvacl, 'S'::"char", null,
  json_build_object('wrapper', f.fdwname, 'type', s.srvtype, 'version', s.srvversion,
    'options', {shown s.srvoptions}, 'hidden_values', {hidden s.srvoptions})
from pg_foreign_server s join pg_foreign_data_wrapper f on f.oid = s.srvfdw
where {own s}

-- name: user mappings
-- All their options may be secrets; a role that may not read them sees that there are some.
select 'user mapping', '', m.usename, m.srvname, 'pg_user_mapping'::regclass::oid, m.umid, 0,
  null::oid, null::aclitem[], null::"char", null,
  json_build_object(
    'options', (select json_agg({name o} || '=hidden' order by o)
      from unnest(m.umoptions) o),
    'hidden_values', case when may.read then
      (select {hash l.line} from (select string_agg(o, ',' order by o)
        from unnest(m.umoptions) o) l (line))
      else 'not readable' end)
from pg_user_mappings m join pg_foreign_server s on s.oid = m.srvid
cross join lateral (select rolsuper or pg_has_role(s.srvowner, 'USAGE') and m.umuser = 0
    or m.usename = current_user and (pg_has_role(s.srvowner, 'USAGE')
      or has_server_privilege(s.oid, 'USAGE'))
  from pg_roles where rolname = current_user) may (read)

-- name: settings of roles
select 'role setting', '', lower({name c.line}), coalesce(r.rolname, ''), s.tableoid, s.setrole,
  hashtext('of the role ' || c.line), null::oid, null::aclitem[], null::"char", null,
  {setting c.line}
from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
cross join unnest(s.setconfig) c (line)
where s.setdatabase = 0

-- name: settings of the database
select 'database setting', '', lower({name c.line}), coalesce(r.rolname, ''),
  s.tableoid, s.setrole, hashtext('of the database ' || c.line), null::oid, null::aclitem[],
  null::"char", null, {setting c.line}
from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
left join pg_roles r on r.oid = s.setrole
cross join unnest(s.setconfig) c (line)
where d.datname = current_database()

-- name: subscriptions
-- How they connect holds a password, and is not read; no more than everyone may read, which on 13
-- does not include the oid, so that comments are not found there.
select 'subscription', '', s.subname, '', 'pg_subscription'::regclass::oid,
  ('x' || substr(md5(s.subname), 1, 8))::bit(32)::int8::oid, -- 13-
  s.oid, -- 14+
  0, s.subowner, null::aclitem[],
  null::"char", null,
  json_build_object('enabled', nullif(s.subenabled, false), 'slot', s.subslotname,
    'publications', (select json_agg(p order by p) from unnest(s.subpublications) p))
from pg_subscription s join pg_database d on d.oid = s.subdbid
where d.datname = current_database()

-- name: conversions
select 'conversion', n.nspname, c.conname, '', c.tableoid, c.oid, 0, c.conowner, null::aclitem[],
  null::"char", null,
  json_build_object('from', pg_encoding_to_char(c.conforencoding),
    'to', pg_encoding_to_char(c.contoencoding), 'function', c.conproc::regproc::text,
    'default', nullif(c.condefault, false))
from pg_conversion c join pg_namespace n on n.oid = c.connamespace
where {schema} and {own c}

-- name: transforms
select 'transform', '', format_type(t.trftype, null) || ' LANGUAGE ' || l.lanname, '',
  t.tableoid, t.oid, 0, null::oid, null::aclitem[], null::"char", null,
  json_build_object('from', nullif(t.trffromsql, 0)::regprocedure::text,
    'to', nullif(t.trftosql, 0)::regprocedure::text)
from pg_transform t join pg_language l on l.oid = t.trflang
where {own t}

-- name: access methods
select 'access method', '', a.amname, '', a.tableoid, a.oid, 0, null::oid, null::aclitem[],
  null::"char", null,
  json_build_object('type', case a.amtype when 't' then 'table' else 'index' end,
    'handler', a.amhandler::regproc::text)
from pg_am a
where a.oid >= 16384 and {own a}

-- name: text search parsers
select 'text search parser', n.nspname, p.prsname, '', p.tableoid, p.oid, 0, null::oid,
  null::aclitem[], null::"char", null,
  json_build_object('start', p.prsstart::regproc::text, 'gettoken', p.prstoken::regproc::text,
    'end', p.prsend::regproc::text, 'lextypes', p.prslextype::regproc::text,
    'headline', nullif(p.prsheadline, 0)::regproc::text)
from pg_ts_parser p join pg_namespace n on n.oid = p.prsnamespace
where {schema} and {own p}

-- name: text search templates
select 'text search template', n.nspname, t.tmplname, '', t.tableoid, t.oid, 0, null::oid,
  null::aclitem[], null::"char", null,
  json_build_object('lexize', t.tmpllexize::regproc::text,
    'init', nullif(t.tmplinit, 0)::regproc::text)
from pg_ts_template t join pg_namespace n on n.oid = t.tmplnamespace
where {schema} and {own t}

-- name: security labels
select 'security label', '', s.provider,
  case i.type when 'table column' then 'column' else i.type end || ' ' || i.identity,
  s.tableoid, s.objoid, hashtext(format('%s %s %s', s.provider, s.classoid, s.objsubid)),
  null::oid, null::aclitem[], null::"char", null, json_build_object('label', s.label)
from pg_seclabel s
cross join lateral pg_identify_object(s.classoid, s.objoid, s.objsubid) i
cross join lateral (select coalesce(i.schema, '')) n (nspname)
where {schema} and not exists (select from pg_depend own where own.classid = s.classoid
  and own.objid = s.objoid and own.deptype = 'e')

-- name: depends
-- Pairs of keys class:id:sub: the first needs the second. A sequence does not wait for the column
-- that owns it: that column's default waits for the sequence.
select coalesce(json_agg(json_build_array(d.classid || ':' || d.objid || ':' || d.objsubid,
  d.refclassid || ':' || d.refobjid || ':' || d.refobjsubid)), '[]')
from (
  select classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype from pg_depend
  union all
  select s.tableoid, s.objoid, hashtext(format('%s %s %s', s.provider, s.classoid, s.objsubid)),
    s.classoid, s.objoid, s.objsubid, 'a'
  from pg_seclabel s
) d
where d.objid >= 16384 and d.refobjid >= 2200 and d.deptype in ('n', 'a', 'i', 'P', 'S')
  and not (d.deptype = 'a' and d.refobjsubid > 0 and d.classid = 'pg_class'::regclass
    and exists (select from pg_class c where c.oid = d.objid and c.relkind = 'S'))
  and $1::text is not null

-- name: aliases
-- Pairs of keys: what is no object of its own, and the object that stands for it.
select coalesce(json_agg(json_build_array(a.key, a.object)), '[]') from (
  select r.tableoid || ':' || r.oid || ':0', 'pg_class'::regclass::oid || ':' || r.ev_class || ':0'
  from pg_rewrite r where r.rulename = '_RETURN' and r.oid >= 16384
  union all
  select d.tableoid || ':' || d.oid || ':0',
    'pg_class'::regclass::oid || ':' || d.adrelid || ':' || d.adnum from pg_attrdef d
  union all
  select t.tableoid || ':' || t.oid || ':0', 'pg_class'::regclass::oid || ':' || t.typrelid || ':0'
  from pg_type t where t.typrelid >= 16384
  union all
  select t.tableoid || ':' || t.typarray || ':0', t.tableoid || ':' || t.oid || ':0'
  from pg_type t where t.typarray >= 16384
  union all
  select 'pg_type'::regclass::oid || ':' || (r.j ->> 'rngmultitypid') || ':0',
    'pg_type'::regclass::oid || ':' || (r.j ->> 'rngtypid') || ':0'
  from (select to_jsonb(r) from pg_range r where r.rngtypid >= 16384) r (j)
  union all
  select d.classid || ':' || d.objid || ':0', d.refclassid || ':' || d.refobjid || ':0'
  from pg_depend d where d.classid = 'pg_proc'::regclass and d.deptype = 'i'
    and d.refclassid = 'pg_type'::regclass and d.refobjid >= 16384
  union all
  select d.classid || ':' || d.objid || ':0', d.refclassid || ':' || d.refobjid || ':0'
  from pg_depend d where d.objid >= 16384 and d.deptype in ('i', 'a')
    and d.classid in ('pg_amop'::regclass, 'pg_amproc'::regclass)
    and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
  union all
  select 'pg_class'::regclass::oid || ':' || k.conindid || ':0', k.tableoid || ':' || k.oid || ':0'
  from pg_constraint k where k.contype in ('p', 'u', 'x')
) a (key, object)
where $1::text is not null

-- hypopg: an index that only the planner sees takes a place in the planner.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'hypopg_reset() returns void',
        'hypopg_reset_index() returns void',
        'hypopg_create_index(sql_order text, out indexrelid oid, out indexname text) returns'
            ' setof record',
        'hypopg_drop_index(indexid oid) returns boolean',
        'hypopg_get_indexdef(indexid oid) returns text',
        'hypopg_relation_size(indexid oid) returns bigint',
        'hypopg_hide_index(indexid oid) returns boolean',
        'hypopg_unhide_index(indexid oid) returns boolean',
        'hypopg_unhide_all_indexes() returns void',
        'hypopg_hidden_indexes() returns table (indexid oid)',
        'hypopg() returns table (indexname text, indexrelid oid, indrelid oid, amid oid)'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has hypopg.';
end
$body$);
    end loop;
end
$do$;

create view hypopg_list_indexes as
select h.indexrelid, h.indexname as index_name, n.nspname as schema_name, c.relname as table_name,
    a.amname as am_name
from hypopg() as h
join pg_class as c on c.oid = h.indrelid
join pg_namespace as n on n.oid = c.relnamespace
join pg_am as a on a.oid = h.amid;

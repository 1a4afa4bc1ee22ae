-- pgrouting: what it needs of postgis is not there; so a few of its names are.

create function pgr_version() returns text return '3.4.1'::text;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'pgr_dijkstra(text, bigint, bigint, directed boolean default true, out seq integer,'
            ' out path_seq integer, out node bigint, out edge bigint, out cost double'
            ' precision, out agg_cost double precision) returns setof record',
        'pgr_astar(text, bigint, bigint, directed boolean default true, out seq integer, out'
            ' path_seq integer, out node bigint, out edge bigint, out cost double precision,'
            ' out agg_cost double precision) returns setof record',
        'pgr_createtopology(text, double precision, the_geom text default ''the_geom'', id'
            ' text default ''id'', source text default ''source'', target text default'
            ' ''target'') returns varchar'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pgrouting.';
end
$body$);
    end loop;
end
$do$;

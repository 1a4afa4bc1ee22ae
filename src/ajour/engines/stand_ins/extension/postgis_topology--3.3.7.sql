-- postgis_topology: what it needs of postgis is not there; so a few of its names are.

create table topology.topology (
    id serial constraint topology_pkey primary key,
    name varchar not null constraint topology_name_key unique,
    srid integer not null,
    precision double precision not null,
    hasz boolean not null default false
);
create table topology.layer (
    topology_id integer not null references topology.topology (id),
    layer_id integer not null,
    schema_name varchar not null,
    table_name varchar not null,
    feature_column varchar not null,
    feature_type integer not null,
    level integer not null default 0,
    child_id integer,
    constraint layer_pkey primary key (topology_id, layer_id)
);

do $do$
declare
    each text;
begin
    foreach each in array array[
        'topology.createtopology(atopology varchar, srid integer, prec double precision'
            ' default 0) returns integer',
        'topology.droptopology(atopology varchar) returns varchar'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis_topology.';
end
$body$);
    end loop;
end
$do$;

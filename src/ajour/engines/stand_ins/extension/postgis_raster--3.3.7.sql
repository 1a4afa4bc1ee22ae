-- postgis_raster: what it needs of postgis is not there; so a few of its names are.

create domain raster as bytea;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'st_value(rast raster, x integer, y integer) returns double precision',
        'st_width(raster) returns integer',
        'st_height(raster) returns integer',
        'st_summarystats(rast raster) returns record'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis_raster.';
end
$body$);
    end loop;
end
$do$;

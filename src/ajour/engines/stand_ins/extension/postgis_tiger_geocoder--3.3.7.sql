-- postgis_tiger_geocoder: what it needs of postgis is not there; so a few of its names are.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'tiger.geocode(input varchar, max_results integer default 10, restrict_geom geometry'
            ' default null) returns setof record',
        'tiger.normalize_address(in_rawinput varchar) returns record'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis_tiger_geocoder.';
end
$body$);
    end loop;
end
$do$;

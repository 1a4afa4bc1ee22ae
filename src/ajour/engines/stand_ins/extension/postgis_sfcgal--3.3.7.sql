-- postgis_sfcgal: what it needs of postgis is not there; so a few of its names are.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'st_3dintersection(geom1 geometry, geom2 geometry) returns geometry',
        'st_extrude(geometry, double precision, double precision, double precision) returns'
            ' geometry',
        'st_straightskeleton(geometry) returns geometry'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis_sfcgal.';
end
$body$);
    end loop;
end
$do$;

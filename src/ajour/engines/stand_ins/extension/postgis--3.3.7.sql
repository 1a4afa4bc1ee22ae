-- postgis: tables with geometry and geography can be made, indexed and filled. A value is kept as
-- the text that came, and its form is not checked. Texts and points can be read; what would
-- measure, compare or convert raises.

create type geometry;
create type geography;
create type box2d;
create type box3d;

-- A type needs functions in C. Those of `text` do, as a value is one. Its modifier, as in
-- geometry(Point,4326), is the id of a label, which the output function of enums gives back.
create type postgis_modifier as enum ();
do $do$
declare
    each text;
begin
    foreach each in array array['geometry', 'geography', 'box2d', 'box3d'] loop
        execute format('create function %I(cstring) returns %I language internal'
            ' immutable strict parallel safe as %L', each || '_in', each, 'textin');
        execute format('create function %I(%I) returns cstring language internal'
            ' immutable strict parallel safe as %L', each || '_out', each, 'textout');
    end loop;
    foreach each in array array['geometry', 'geography'] loop
        execute format('create function %I(internal) returns %I language internal'
            ' immutable strict parallel safe as %L', each || '_recv', each, 'textrecv');
        execute format('create function %I(%I) returns bytea language internal'
            ' immutable strict parallel safe as %L', each || '_send', each, 'textsend');
        execute format('create function %I(integer) returns cstring language internal'
            ' immutable strict parallel safe as %L', each || '_typmod_out', 'enum_out');
        execute format('create function %I(cstring[]) returns integer language plpgsql'
            ' immutable strict as %L', each || '_typmod_in', $body$
declare
    label text := format('(%s)', array_to_string($1, ','));
    id integer;
begin
    label := replace(replace(initcap(label), 'string', 'String'), 'point', 'Point');
    label := replace(replace(label, 'polygon', 'Polygon'), 'collection', 'Collection');
    label := regexp_replace(replace(label, 'line', 'Line'), 'z(?=m?[,)])', 'Z');
    label := regexp_replace(label, 'm(?=[,)])', 'M');
    select oid::integer into id from pg_catalog.pg_enum
    where enumtypid = '@extschema@.postgis_modifier'::pg_catalog.regtype and enumlabel = label;
    if not found then
        execute format('alter type @extschema@.postgis_modifier add value %L', label);
        select oid::integer into id from pg_catalog.pg_enum
        where enumtypid = '@extschema@.postgis_modifier'::pg_catalog.regtype
            and enumlabel = label;
    end if;
    return id;
end
$body$);
    end loop;
end
$do$;
create type geometry (
    input = geometry_in, output = geometry_out, receive = geometry_recv, send = geometry_send,
    typmod_in = geometry_typmod_in, typmod_out = geometry_typmod_out, like = text,
    category = 'U', preferred = false, delimiter = ':'
);
create type geography (
    input = geography_in, output = geography_out, receive = geography_recv,
    send = geography_send, typmod_in = geography_typmod_in, typmod_out = geography_typmod_out,
    like = text, category = 'U', preferred = false, delimiter = ':'
);
create type box2d (input = box2d_in, output = box2d_out, like = text, category = 'U');
create type box3d (input = box3d_in, output = box3d_out, like = text, category = 'U');
-- It adds a label when it meets a new one. CREATE TYPE would warn of that.
alter function geometry_typmod_in(cstring[]) volatile;
alter function geography_typmod_in(cstring[]) volatile;

create type geometry_dump as (path integer[], geom geometry);
create type valid_detail as (valid boolean, reason varchar, location geometry);

create cast (text as geometry) without function as implicit;
create cast (geometry as text) without function as implicit;
create cast (text as geography) without function as implicit;
create cast (geometry as geography) without function as implicit;
create cast (geography as geometry) without function;

-- Equal are equal texts: enough for DISTINCT, GROUP BY and ORDER BY to be accepted.
create function geometry_eq(geom1 geometry, geom2 geometry) returns boolean
    language internal immutable strict parallel safe as 'byteaeq';
create function geometry_lt(geom1 geometry, geom2 geometry) returns boolean
    language internal immutable strict parallel safe as 'bytealt';
create function geometry_le(geom1 geometry, geom2 geometry) returns boolean
    language internal immutable strict parallel safe as 'byteale';
create function geometry_ge(geom1 geometry, geom2 geometry) returns boolean
    language internal immutable strict parallel safe as 'byteage';
create function geometry_gt(geom1 geometry, geom2 geometry) returns boolean
    language internal immutable strict parallel safe as 'byteagt';
create function geometry_cmp(geom1 geometry, geom2 geometry) returns integer
    language internal immutable strict parallel safe as 'byteacmp';
create function geometry_hash(geometry) returns integer
    language internal immutable strict parallel safe as 'hashvarlena';
create operator = (
    leftarg = geometry, rightarg = geometry, function = geometry_eq, commutator = =,
    restrict = eqsel, join = eqjoinsel, hashes, merges
);
create operator < (leftarg = geometry, rightarg = geometry, function = geometry_lt);
create operator <= (leftarg = geometry, rightarg = geometry, function = geometry_le);
create operator >= (leftarg = geometry, rightarg = geometry, function = geometry_ge);
create operator > (leftarg = geometry, rightarg = geometry, function = geometry_gt);
create operator class btree_geometry_ops default for type geometry using btree as
    operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >,
    function 1 geometry_cmp(geometry, geometry);
create operator class hash_geometry_ops default for type geometry using hash as
    operator 1 =, function 1 geometry_hash(geometry);

-- An index for GiST can be made, and is never used: there is no operator in its class. Its keys are
-- those of network addresses, four bytes each, which take any text.
create function geometry_gist_consistent_2d(internal, geometry, smallint, oid, internal)
    returns boolean language internal immutable strict parallel safe as 'inet_gist_consistent';
create function geography_gist_consistent(internal, geography, smallint, oid, internal)
    returns boolean language internal immutable strict parallel safe as 'inet_gist_consistent';
do $do$
declare
    each text[];
begin
    foreach each slice 1 in array array[
        ['gist_geometry_ops_2d', 'default', 'geometry', 'geometry_gist_consistent_2d'],
        ['gist_geometry_ops_nd', '', 'geometry', 'geometry_gist_consistent_2d'],
        ['gist_geography_ops', 'default', 'geography', 'geography_gist_consistent']
    ] loop
        execute format(
            'create operator class %I %s for type %I using gist as
            function 1 %I(internal, %3$I, smallint, oid, internal),
            function 2 inet_gist_union(internal, internal),
            function 3 inet_gist_compress(internal),
            function 5 inet_gist_penalty(internal, internal, internal),
            function 6 inet_gist_picksplit(internal, internal),
            function 7 inet_gist_same(inet, inet, internal),
            storage inet', each[1], each[2], each[3], each[4]
        );
    end loop;
end
$do$;

-- Texts.

create function postgis_version() returns text immutable return '3.3 USE_GEOS=0 USE_PROJ=0'::text;
create function postgis_lib_version() returns text immutable return '3.3.7'::text;
create function postgis_full_version() returns text immutable
    return 'POSTGIS="3.3.7" (stand-in on the embedded server)'::text;

create function st_srid(geom geometry) returns integer immutable strict parallel safe
    return coalesce(substring(geom::text from '^SRID=([0-9]+);'), '0')::integer;
create function st_setsrid(geom geometry, srid integer) returns geometry
    immutable strict parallel safe
    return case when srid = 0 then '' else format('SRID=%s;', srid) end
        || regexp_replace(geom::text, '^SRID=[0-9]+;', '');
create function st_geomfromtext(text) returns geometry immutable strict parallel safe
    return $1::geometry;
create function st_geomfromtext(text, integer) returns geometry immutable strict parallel safe
    return st_setsrid($1::geometry, $2);
create function st_geometryfromtext(text) returns geometry immutable strict parallel safe
    return $1::geometry;
create function st_geometryfromtext(text, integer) returns geometry
    immutable strict parallel safe return st_setsrid($1::geometry, $2);
create function st_geomfromewkt(text) returns geometry immutable strict parallel safe
    return $1::geometry;
create function st_pointfromtext(text, integer default 0) returns geometry
    immutable strict parallel safe return st_setsrid($1::geometry, $2);
create function st_polygonfromtext(text, integer default 0) returns geometry
    immutable strict parallel safe return st_setsrid($1::geometry, $2);
create function st_geogfromtext(text) returns geography immutable strict parallel safe
    return $1::geography;
create function st_geographyfromtext(text) returns geography immutable strict parallel safe
    return $1::geography;
create function st_astext(geom geometry, maxdecimaldigits integer default 15) returns text
    immutable strict parallel safe return regexp_replace(geom::text, '^SRID=[0-9]+;', '');
create function st_astext(geog geography, maxdecimaldigits integer default 15) returns text
    immutable strict parallel safe
    return regexp_replace(geog::geometry::text, '^SRID=[0-9]+;', '');
create function st_asewkt(geom geometry) returns text immutable strict parallel safe
    return geom::text;
create function st_asewkt(geog geography) returns text immutable strict parallel safe
    return geog::geometry::text;

-- Points.

create function st_makepoint(double precision, double precision) returns geometry
    immutable strict parallel safe return format('POINT(%s %s)', $1, $2)::geometry;
create function st_makepoint(double precision, double precision, double precision)
    returns geometry immutable strict parallel safe
    return format('POINT Z (%s %s %s)', $1, $2, $3)::geometry;
create function st_point(double precision, double precision) returns geometry
    immutable strict parallel safe return st_makepoint($1, $2);
create function st_point(double precision, double precision, srid integer) returns geometry
    immutable strict parallel safe return st_setsrid(st_makepoint($1, $2), srid);
create function st_makeenvelope(
    xmin double precision, ymin double precision, xmax double precision, ymax double precision,
    srid integer default 0
) returns geometry immutable strict parallel safe
    return st_setsrid(format('POLYGON((%1$s %2$s,%1$s %4$s,%3$s %4$s,%3$s %2$s,%1$s %2$s))',
        xmin, ymin, xmax, ymax)::geometry, srid);

create function postgis_ordinate(geom geometry, place integer) returns double precision
    language plpgsql immutable strict parallel safe as $$
declare
    text_of text := upper(geom::text);
    found text[] := regexp_match(text_of, 'POINT\s*[ZM]*\s*\(\s*([^)]*?)\s*\)$');
begin
    if found is not null then
        return split_part(regexp_replace(found[1], '\s+', ' ', 'g'), ' ', place)::double precision;
    elsif text_of ~ 'POINT\s*[ZM]*\s*EMPTY$' then
        return null;
    end if;
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              detail = 'It reads points that are written as text.',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis.';
end
$$;
create function st_x(geometry) returns double precision immutable strict parallel safe
    return postgis_ordinate($1, 1);
create function st_y(geometry) returns double precision immutable strict parallel safe
    return postgis_ordinate($1, 2);

create function geometrytype(geometry) returns text immutable strict parallel safe
    return upper(substring($1::text from '^(?:SRID=[0-9]+;)?\s*([A-Za-z]+)'));
create function st_isempty(geometry) returns boolean immutable strict parallel safe
    return $1::text ~* 'EMPTY\s*$';

create function addgeometrycolumn(
    table_name varchar, column_name varchar, new_srid integer, new_type varchar,
    new_dim integer default 2, use_typmod boolean default true
) returns text language plpgsql strict as $$
begin
    execute format('alter table %s add column %I @extschema@.geometry(%s, %s)',
        table_name::regclass, column_name, new_type, new_srid);
    return format('%s.%s SRID:%s TYPE:%s DIMS:%s',
        table_name, column_name, new_srid, new_type, new_dim);
end
$$;

-- Tables.

create table spatial_ref_sys (
    srid integer not null constraint spatial_ref_sys_pkey primary key
        constraint spatial_ref_sys_srid_check check (srid > 0 and srid <= 998999),
    auth_name varchar(256),
    auth_srid integer,
    srtext varchar(2048),
    proj4text varchar(2048)
);
grant select on spatial_ref_sys to public;
insert into spatial_ref_sys (srid, auth_name, auth_srid, proj4text) values
    (4326, 'EPSG', 4326, '+proj=longlat +datum=WGS84 +no_defs'),
    (3857, 'EPSG', 3857, '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1'
        ' +units=m +nadgrids=@null +wktext +no_defs');

create view geometry_columns as
select current_database()::varchar(256) as f_table_catalog, n.nspname as f_table_schema,
    c.relname as f_table_name, a.attname as f_geometry_column, 2 as coord_dimension,
    coalesce(substring(label from ',([0-9]+)'), '0')::integer as srid,
    upper(coalesce(substring(label from '^\((\w+)'), 'geometry'))::varchar(30) as type
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
join pg_namespace as n on n.oid = c.relnamespace
left join lateral (select enumlabel from pg_enum where oid = a.atttypmod::oid) as e (label)
    on a.atttypmod > 0
where a.atttypid = 'geometry'::regtype and not a.attisdropped
    and c.relkind in ('r', 'v', 'm', 'f', 'p');

create view geography_columns as
select current_database()::varchar(256) as f_table_catalog, n.nspname as f_table_schema,
    c.relname as f_table_name, a.attname as f_geography_column, 2 as coord_dimension,
    coalesce(substring(label from ',([0-9]+)'), '4326')::integer as srid,
    coalesce(substring(label from '^\((\w+)'), 'Geometry') as type
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
join pg_namespace as n on n.oid = c.relnamespace
left join lateral (select enumlabel from pg_enum where oid = a.atttypmod::oid) as e (label)
    on a.atttypmod > 0
where a.atttypid = 'geography'::regtype and not a.attisdropped
    and c.relkind in ('r', 'v', 'm', 'f', 'p');
grant select on geometry_columns, geography_columns to public;

-- Of the rest there are the names that projects use most.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'st_intersects(geom1 geometry, geom2 geometry) returns boolean',
        'st_contains(geom1 geometry, geom2 geometry) returns boolean',
        'st_within(geom1 geometry, geom2 geometry) returns boolean',
        'st_covers(geom1 geometry, geom2 geometry) returns boolean',
        'st_coveredby(geom1 geometry, geom2 geometry) returns boolean',
        'st_crosses(geom1 geometry, geom2 geometry) returns boolean',
        'st_overlaps(geom1 geometry, geom2 geometry) returns boolean',
        'st_touches(geom1 geometry, geom2 geometry) returns boolean',
        'st_disjoint(geom1 geometry, geom2 geometry) returns boolean',
        'st_equals(geom1 geometry, geom2 geometry) returns boolean',
        'st_containsproperly(geom1 geometry, geom2 geometry) returns boolean',
        'st_dwithin(geom1 geometry, geom2 geometry, distance double precision) returns boolean',
        'st_dwithin(geog1 geography, geog2 geography, tolerance double precision, use_spheroid'
            ' boolean default true) returns boolean',
        'st_intersects(geog1 geography, geog2 geography) returns boolean',
        'st_covers(geog1 geography, geog2 geography) returns boolean',
        'st_coveredby(geog1 geography, geog2 geography) returns boolean',
        'st_distance(geom1 geometry, geom2 geometry) returns double precision',
        'st_distance(geog1 geography, geog2 geography, use_spheroid boolean default true)'
            ' returns double precision',
        'st_distancesphere(geom1 geometry, geom2 geometry) returns double precision',
        'st_distancespheroid(geom1 geometry, geom2 geometry) returns double precision',
        'st_maxdistance(geom1 geometry, geom2 geometry) returns double precision',
        'st_azimuth(geom1 geometry, geom2 geometry) returns double precision',
        'st_area(geometry) returns double precision',
        'st_area(geog geography, use_spheroid boolean default true) returns double precision',
        'st_length(geometry) returns double precision',
        'st_length(geog geography, use_spheroid boolean default true) returns double precision',
        'st_perimeter(geometry) returns double precision',
        'st_perimeter(geog geography, use_spheroid boolean default true) returns double'
            ' precision',
        'st_linelocatepoint(geom1 geometry, geom2 geometry) returns double precision',
        'st_xmin(box3d) returns double precision',
        'st_xmax(box3d) returns double precision',
        'st_ymin(box3d) returns double precision',
        'st_ymax(box3d) returns double precision',
        'st_isvalid(geometry) returns boolean',
        'st_issimple(geometry) returns boolean',
        'st_isclosed(geometry) returns boolean',
        'st_isvalidreason(geometry) returns text',
        'st_npoints(geometry) returns integer',
        'st_numgeometries(geometry) returns integer',
        'st_numpoints(geometry) returns integer',
        'st_geohash(geom geometry, maxchars integer default 0) returns text',
        'st_geohash(geog geography, maxchars integer default 0) returns text',
        'st_asgeojson(geom geometry, maxdecimaldigits integer default 9, options integer'
            ' default 8) returns text',
        'st_asgeojson(geog geography, maxdecimaldigits integer default 9, options integer'
            ' default 0) returns text',
        'st_asgeojson(r record, geom_column text default '''', maxdecimaldigits integer'
            ' default 9, pretty_bool boolean default false) returns text',
        'st_askml(geom geometry, maxdecimaldigits integer default 15, nprefix text default'
            ' '''') returns text',
        'st_asbinary(geometry) returns bytea',
        'st_asbinary(geography) returns bytea',
        'st_asewkb(geometry) returns bytea',
        'st_ashexewkb(geometry) returns text',
        'st_asmvtgeom(geom geometry, bounds box2d, extent integer default 4096, buffer integer'
            ' default 256, clip_geom boolean default true) returns geometry',
        'st_relate(geom1 geometry, geom2 geometry) returns text',
        'st_intersection(geom1 geometry, geom2 geometry) returns geometry',
        'st_difference(geom1 geometry, geom2 geometry) returns geometry',
        'st_symdifference(geom1 geometry, geom2 geometry) returns geometry',
        'st_union(geom1 geometry, geom2 geometry) returns geometry',
        'st_collect(geom1 geometry, geom2 geometry) returns geometry',
        'st_shortestline(geom1 geometry, geom2 geometry) returns geometry',
        'st_closestpoint(geom1 geometry, geom2 geometry) returns geometry',
        'st_makeline(geom1 geometry, geom2 geometry) returns geometry',
        'st_intersection(geog1 geography, geog2 geography) returns geography',
        'st_centroid(geometry) returns geometry',
        'st_envelope(geometry) returns geometry',
        'st_boundary(geometry) returns geometry',
        'st_convexhull(geometry) returns geometry',
        'st_makevalid(geometry) returns geometry',
        'st_force2d(geometry) returns geometry',
        'st_force3d(geometry) returns geometry',
        'st_multi(geometry) returns geometry',
        'st_makepolygon(geometry) returns geometry',
        'st_startpoint(geometry) returns geometry',
        'st_endpoint(geometry) returns geometry',
        'st_exteriorring(geometry) returns geometry',
        'st_flipcoordinates(geometry) returns geometry',
        'st_pointonsurface(geometry) returns geometry',
        'st_reverse(geometry) returns geometry',
        'st_linemerge(geometry) returns geometry',
        'st_polygonize(geometry) returns geometry',
        'st_unaryunion(geometry) returns geometry',
        'st_centroid(geog geography, use_spheroid boolean default true) returns geography',
        'st_buffer(geom geometry, radius double precision, options text default '''') returns'
            ' geometry',
        'st_buffer(geog geography, radius double precision, options text default '''') returns'
            ' geography',
        'st_expand(geometry, double precision) returns geometry',
        'st_simplify(geometry, double precision) returns geometry',
        'st_simplifypreservetopology(geometry, double precision) returns geometry',
        'st_snaptogrid(geometry, double precision) returns geometry',
        'st_segmentize(geog geography, max_segment_length double precision) returns geography',
        'st_translate(geometry, double precision, double precision) returns geometry',
        'st_rotate(geometry, double precision) returns geometry',
        'st_scale(geometry, double precision, double precision) returns geometry',
        'st_transform(geometry, integer) returns geometry',
        'st_transform(geom geometry, to_proj text) returns geometry',
        'st_geometryn(geometry, integer) returns geometry',
        'st_pointn(geometry, integer) returns geometry',
        'st_interiorringn(geometry, integer) returns geometry',
        'st_lineinterpolatepoint(geometry, double precision) returns geometry',
        'st_linesubstring(geometry, double precision, double precision) returns geometry',
        'st_project(geog geography, distance double precision, azimuth double precision)'
            ' returns geography',
        'st_tileenvelope(zoom integer, x integer, y integer) returns geometry',
        'st_geomfromgeojson(text) returns geometry',
        'st_geomfromgeojson(json) returns geometry',
        'st_geomfromgeojson(jsonb) returns geometry',
        'st_geomfromwkb(bytea) returns geometry',
        'st_geomfromwkb(bytea, integer) returns geometry',
        'st_geomfromewkb(bytea) returns geometry',
        'st_geogfromwkb(bytea) returns geography',
        'st_geomfromgeohash(text, integer default null) returns geometry',
        'st_makebox2d(geom1 geometry, geom2 geometry) returns box2d',
        'box2d(geometry) returns box2d',
        'box3d(geometry) returns box3d',
        'st_dump(geometry) returns setof geometry_dump',
        'st_dumppoints(geometry) returns setof geometry_dump',
        'st_dumprings(geometry) returns setof geometry_dump',
        'st_subdivide(geom geometry, maxvertices integer default 256) returns setof geometry',
        'st_hexagongrid(size double precision, bounds geometry, out geom geometry, out i'
            ' integer, out j integer) returns setof record',
        'st_squaregrid(size double precision, bounds geometry, out geom geometry, out i'
            ' integer, out j integer) returns setof record',
        'st_isvaliddetail(geom geometry, flags integer default 0) returns valid_detail',
        'geometry_overlaps(geom1 geometry, geom2 geometry) returns boolean',
        'geometry_contains(geom1 geometry, geom2 geometry) returns boolean',
        'geometry_within(geom1 geometry, geom2 geometry) returns boolean',
        'geometry_same(geom1 geometry, geom2 geometry) returns boolean',
        'geometry_distance_centroid(geom1 geometry, geom2 geometry) returns double precision',
        'geometry_distance_box(geom1 geometry, geom2 geometry) returns double precision',
        'geography_overlaps(geography, geography) returns boolean',
        'geography_distance_knn(geography, geography) returns double precision',
        'postgis_add(geometry, geometry) returns geometry',
        'postgis_add_row(bytea, anyelement) returns bytea'
    ] loop
        execute format('create function %s language plpgsql immutable strict parallel safe as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has postgis.';
end
$body$);
    end loop;
end
$do$;

create operator && (leftarg = geometry, rightarg = geometry, function = geometry_overlaps);
create operator ~ (leftarg = geometry, rightarg = geometry, function = geometry_contains);
create operator @ (leftarg = geometry, rightarg = geometry, function = geometry_within);
create operator ~= (leftarg = geometry, rightarg = geometry, function = geometry_same);
create operator <-> (
    leftarg = geometry, rightarg = geometry, function = geometry_distance_centroid
);
create operator <#> (leftarg = geometry, rightarg = geometry, function = geometry_distance_box);
create operator && (leftarg = geography, rightarg = geography, function = geography_overlaps);
create operator <-> (
    leftarg = geography, rightarg = geography, function = geography_distance_knn
);

create aggregate st_union(geometry) (sfunc = postgis_add, stype = geometry);
create aggregate st_collect(geometry) (sfunc = postgis_add, stype = geometry);
create aggregate st_makeline(geometry) (sfunc = postgis_add, stype = geometry);
create aggregate st_extent(geometry) (sfunc = postgis_add, stype = geometry);
create aggregate st_asmvt(anyelement) (sfunc = postgis_add_row, stype = bytea, initcond = '');

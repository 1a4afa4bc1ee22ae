-- pg_tle: an extension whose text is in the database takes a place in CREATE EXTENSION. So none can
-- be installed, and none is.

do $$
begin
    if to_regrole('pgtle_admin') is null then
        create role pgtle_admin nologin;
        grant pgtle_admin to postgres;
    end if;
end
$$;
grant usage on schema pgtle to public;

create type pgtle.password_types as enum (
    'PASSWORD_TYPE_PLAINTEXT', 'PASSWORD_TYPE_MD5', 'PASSWORD_TYPE_SCRAM_SHA_256'
);
create type pgtle.pg_tle_features as enum ('passcheck', 'clientauth');
create table pgtle.feature_info (
    feature pgtle.pg_tle_features, schema_name text, proname text, obj_identity text,
    constraint feature_info_pkey primary key (feature, schema_name, proname)
);

create function pgtle.available_extensions(
    out name name, out default_version text, out comment text
) returns setof record language sql as $$
    select ''::name, '', '' where false
$$;

create function pgtle.available_extension_versions(
    out name name, out version text, out superuser boolean, out trusted boolean,
    out relocatable boolean, out schema name, out requires name[], out comment text
) returns setof record language sql as $$
    select ''::name, '', false, false, false, ''::name, '{}'::name[], '' where false
$$;

create function pgtle.extension_update_paths(
    name name, out source text, out target text, out path text
) returns setof record language sql as $$
    select '', '', '' where false
$$;

create function pgtle.uninstall_extension_if_exists(extname text) returns boolean
    language sql as 'select false';

do $do$
declare
    each text;
begin
    foreach each in array array[
        'pgtle.install_extension(name text, version text, description text, ext text, requires'
            ' text[] default null, schema text default null) returns boolean',
        'pgtle.install_extension_version_sql(name text, version text, ext text) returns boolean',
        'pgtle.install_update_path(name text, fromvers text, tovers text, ext text) returns'
            ' boolean',
        'pgtle.set_default_version(name text, version text) returns boolean',
        'pgtle.uninstall_extension(extname text) returns boolean',
        'pgtle.uninstall_extension(extname text, version text) returns boolean',
        'pgtle.uninstall_update_path(extname text, fromvers text, tovers text) returns boolean',
        'pgtle.register_feature(proc regproc, feature pgtle.pg_tle_features) returns void',
        'pgtle.register_feature_if_not_exists(proc regproc, feature pgtle.pg_tle_features)'
            ' returns boolean',
        'pgtle.unregister_feature(proc regproc, feature pgtle.pg_tle_features) returns void',
        'pgtle.unregister_feature_if_exists(proc regproc, feature pgtle.pg_tle_features)'
            ' returns boolean'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_tle.';
end
$body$);
    end loop;
end
$do$;

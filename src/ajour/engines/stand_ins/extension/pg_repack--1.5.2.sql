-- pg_repack: the program of that name does the work, and calls these.

create schema repack;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'repack.version() returns text',
        'repack.version_sql() returns text',
        'repack.repack_trigger() returns trigger'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_repack.';
end
$body$);
    end loop;
end
$do$;

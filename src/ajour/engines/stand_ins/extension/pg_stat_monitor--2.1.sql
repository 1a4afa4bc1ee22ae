-- pg_stat_monitor: what it counts takes a place in the executor.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'pg_stat_monitor_reset() returns void',
        'pg_stat_monitor_internal() returns table (bucket bigint, queryid text, query text,'
            ' calls bigint)'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_stat_monitor.';
end
$body$);
    end loop;
end
$do$;

create function pg_stat_monitor_version() returns text return '2.1.0'::text;
create view pg_stat_monitor as select * from pg_stat_monitor_internal();

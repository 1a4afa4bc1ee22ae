-- plpgsql_check: what it finds it finds in PL/pgSQL's own compiler.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'plpgsql_check_function(funcoid regprocedure, relid regclass default 0, format text'
            ' default ''text'', fatal_errors boolean default true, other_warnings boolean'
            ' default true, performance_warnings boolean default false, extra_warnings boolean'
            ' default true, security_warnings boolean default false, compatibility_warnings'
            ' boolean default false) returns setof text',
        'plpgsql_check_function(name text, relid regclass default 0, format text default'
            ' ''text'', fatal_errors boolean default true, other_warnings boolean default'
            ' true, performance_warnings boolean default false, extra_warnings boolean default'
            ' true, security_warnings boolean default false, compatibility_warnings boolean'
            ' default false) returns setof text',
        'plpgsql_check_function_tb(funcoid regprocedure, relid regclass default 0,'
            ' fatal_errors boolean default true, other_warnings boolean default true,'
            ' performance_warnings boolean default false, extra_warnings boolean default true,'
            ' security_warnings boolean default false, compatibility_warnings boolean default'
            ' false) returns table (functionid regproc, lineno int, statement text, sqlstate'
            ' text, message text, detail text, hint text, level text, "position" int, query'
            ' text, context text)',
        'plpgsql_check_function_tb(name text, relid regclass default 0, fatal_errors boolean'
            ' default true, other_warnings boolean default true, performance_warnings boolean'
            ' default false, extra_warnings boolean default true, security_warnings boolean'
            ' default false, compatibility_warnings boolean default false) returns table'
            ' (functionid regproc, lineno int, statement text, sqlstate text, message text,'
            ' detail text, hint text, level text, "position" int, query text, context text)',
        'plpgsql_show_dependency_tb(funcoid regprocedure, relid regclass default 0) returns'
            ' table (type text, oid oid, schema text, name text, params text)',
        'plpgsql_profiler_function_tb(funcoid regprocedure) returns table (lineno int,'
            ' stmt_lineno int, exec_stmts bigint, total_time double precision, source text)',
        'plpgsql_profiler_reset_all() returns void',
        'plpgsql_check_tracer(enable boolean default null, verbosity text default null)'
            ' returns boolean'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has plpgsql_check.';
end
$body$);
    end loop;
end
$do$;

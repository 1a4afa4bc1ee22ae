-- pg_graphql: a schema's comments can direct it, and nothing reads them here.

create sequence graphql.seq_schema_version as int cycle;

create function graphql.get_schema_version() returns int language sql security definer as $$
    select last_value::int from graphql.seq_schema_version
$$;

create function graphql.comment_directive(comment_ text) returns jsonb
    language sql immutable as $$
    select coalesce((regexp_match(comment_, '@graphql\((.+)\)'))[1], '{}')::jsonb
$$;

create function graphql.exception(message text) returns text language plpgsql as $$
begin
    raise exception using errcode = '22000', message = message;
end
$$;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'graphql._internal_resolve(query text, variables jsonb default ''{}'','
            ' "operationName" text default null, extensions jsonb default null) returns jsonb',
        'graphql.resolve(query text, variables jsonb default ''{}'','
            ' "operationName" text default null, extensions jsonb default null) returns jsonb'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_graphql.';
end
$body$);
    end loop;
end
$do$;

do $$
begin
    if to_regrole('service_role') is not null then
        grant usage on schema graphql to postgres, anon, authenticated, service_role;
    end if;
end
$$;

-- Schema `supabase_functions`: database webhooks. On Supabase it comes with the first of them.
-- Version 1.

create schema supabase_functions authorization supabase_admin;
grant usage on schema supabase_functions to postgres, anon, authenticated, service_role;
grant all on schema supabase_functions to supabase_functions_admin;
alter default privileges in schema supabase_functions
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema supabase_functions
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema supabase_functions
    grant all on sequences to postgres, anon, authenticated, service_role;

create table supabase_functions.migrations (
    version text constraint migrations_pkey primary key,
    inserted_at timestamptz not null default now()
);

create table supabase_functions.hooks (
    id bigserial constraint hooks_pkey primary key,
    hook_table_id integer not null,
    hook_name text not null,
    created_at timestamptz not null default now(),
    request_id bigint
);
create index supabase_functions_hooks_request_id_idx on supabase_functions.hooks (request_id);
create index supabase_functions_hooks_h_table_id_h_name_idx
    on supabase_functions.hooks (hook_table_id, hook_name);

-- A trigger with the arguments url, method, headers, params, timeout. The request goes to pg_net,
-- and the call is noted. On Supabase pg_net is there when this is; without it the note must do.
create function supabase_functions.http_request() returns trigger
    language plpgsql security definer set search_path = supabase_functions as $$
declare
    arguments text[] := array(
        select nullif(tg_argv[place], 'null') from generate_series(0, 4) as place
    );
    headers jsonb := coalesce(arguments[3], '{"Content-Type": "application/json"}');
    params jsonb := coalesce(arguments[4], '{}');
    patience integer := coalesce(arguments[5], '1000');
    request_id bigint;
begin
    if arguments[1] is null then
        raise exception 'url argument is missing';
    elsif arguments[2] is null then
        raise exception 'method argument is missing';
    elsif arguments[2] not in ('GET', 'POST') then
        raise exception 'method argument % is invalid', arguments[2];
    end if;
    if to_regproc('net.http_post') is null then
        raise notice 'pg_net is not enabled: this webhook would call %', arguments[1];
    elsif arguments[2] = 'GET' then
        request_id := net.http_get(arguments[1], params, headers, patience);
    else
        request_id := net.http_post(
            arguments[1],
            jsonb_build_object('old_record', old, 'record', new, 'type', tg_op,
                'table', tg_table_name, 'schema', tg_table_schema),
            params, headers, patience
        );
    end if;
    insert into supabase_functions.hooks (hook_table_id, hook_name, request_id)
        values (tg_relid::integer, tg_name, request_id);
    return new;
end
$$;

alter table supabase_functions.migrations owner to supabase_functions_admin;
alter table supabase_functions.hooks owner to supabase_functions_admin;
alter function supabase_functions.http_request() owner to supabase_functions_admin;
revoke all on function supabase_functions.http_request() from public;
grant execute on function supabase_functions.http_request()
    to postgres, anon, authenticated, service_role;

-- Schema `realtime`: messages to clients, and who listens. Version 2.
--
-- The publication is what clients subscribe to; projects add their tables to it. Nothing listens
-- here, so a message that was sent stays in its table.

create publication supabase_realtime with (publish = 'insert, update, delete, truncate');

create schema realtime authorization supabase_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;
grant all on schema realtime to supabase_realtime_admin, dashboard_user;
alter default privileges for role supabase_admin in schema realtime
    grant all on tables to postgres, dashboard_user;
alter default privileges for role supabase_admin in schema realtime
    grant all on sequences to postgres, dashboard_user;
alter default privileges for role supabase_admin in schema realtime
    grant all on routines to postgres, dashboard_user;

create type realtime.action as enum ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'ERROR');
create type realtime.equality_op as enum ('eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in');
create type realtime.user_defined_filter as (
    column_name text, op realtime.equality_op, value text
);
create type realtime.wal_column as (
    name text, type_name text, type_oid oid, value jsonb, is_pkey boolean, is_selectable boolean
);
create type realtime.wal_rls as (
    wal jsonb, is_rls_enabled boolean, subscription_ids uuid[], errors text[]
);

-- The service makes a partition for each day; here one holds them all.
create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp not null default now(),
    inserted_at timestamp not null default now(),
    id uuid not null default gen_random_uuid(),
    binary_payload bytea,
    constraint messages_pkey primary key (id, inserted_at),
    constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);
create table realtime.messages_all_days partition of realtime.messages default;
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
    where extension = 'broadcast' and private is true;

create function realtime.to_regrole(role_name text) returns regrole language sql immutable as $$
    select role_name::regrole
$$;

create table realtime.subscription (
    id bigint generated always as identity constraint pk_subscription primary key,
    subscription_id uuid not null,
    entity regclass not null,
    filters realtime.user_defined_filter[] not null default '{}',
    claims jsonb not null,
    claims_role regrole not null
        generated always as (realtime.to_regrole(claims ->> 'role')) stored,
    created_at timestamp not null default timezone('utc', now()),
    action_filter text default '*' constraint subscription_action_filter_check
        check (action_filter in ('*', 'INSERT', 'UPDATE', 'DELETE')),
    selected_columns text[]
);
create index ix_realtime_subscription_entity on realtime.subscription (entity);

create table realtime.schema_migrations (
    version bigint not null constraint schema_migrations_pkey primary key,
    inserted_at timestamp(0)
);

-- Policies on messages ask for the topic that is being joined or sent to.
create function realtime.topic() returns text language sql stable as $$
    select nullif(current_setting('realtime.topic', true), '')
$$;

-- A message that cannot be kept is a warning: it is not to fail what caused it.
create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
    returns void language plpgsql as $$
declare
    message uuid := gen_random_uuid();
begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension)
    values (message, jsonb_build_object('id', message) || payload, event, topic, private,
        'broadcast');
exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

create function realtime.send_binary(
    payload bytea, event text, topic text, private boolean default true
) returns void language plpgsql as $$
begin
    perform set_config('realtime.topic', topic, true);
    insert into realtime.messages (binary_payload, event, topic, private, extension)
    values (payload, event, topic, private, 'broadcast');
exception when others then
    raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

-- To be called by a trigger for each row.
create function realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text,
    new record, old record, level text default 'ROW'
) returns void language plpgsql as $$
begin
    if level = 'STATEMENT' then
        raise exception
            'function can only be triggered for each row, not for each statement';
    end if;
    if operation not in ('INSERT', 'UPDATE', 'DELETE') then
        raise exception 'Failed to process the row: Unexpected operation type: %', operation;
    end if;
    perform realtime.send(
        jsonb_build_object('old_record', old, 'record', new, 'operation', operation,
            'table', table_name, 'schema', table_schema),
        event_name, topic_name
    );
end
$$;

do $$
declare
    each text;
begin
    for each in
        select format('table %s', oid::regclass) from pg_class
        where relnamespace = 'realtime'::regnamespace and relkind in ('r', 'p')
        union all
        select format('function %s', oid::regprocedure) from pg_proc
        where pronamespace = 'realtime'::regnamespace
        union all
        select format('type %s', t.oid::regtype) from pg_type as t
        left join pg_class as c on c.oid = t.typrelid
        where typnamespace = 'realtime'::regnamespace and (typtype = 'e' or relkind = 'c')
    loop
        execute format('alter %s owner to supabase_realtime_admin', each);
    end loop;
end
$$;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;
grant select on realtime.subscription to postgres, anon, authenticated, service_role;
grant all on realtime.messages, realtime.subscription to dashboard_user;

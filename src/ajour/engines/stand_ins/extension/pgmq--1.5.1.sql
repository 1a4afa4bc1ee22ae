-- pgmq: queues as tables, written anew. A partitioned queue is an ordinary one here.
--
-- A message is visible once its `vt` has passed. Reading moves `vt` on and takes nothing away.

create table pgmq.meta (
    queue_name varchar not null constraint meta_queue_name_key unique,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
);
select pg_extension_config_dump('pgmq.meta', '');

create type pgmq.message_record as (
    msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz,
    message jsonb, headers jsonb
);
create type pgmq.queue_record as (
    queue_name varchar, is_partitioned boolean, is_unlogged boolean, created_at timestamptz
);
create type pgmq.metrics_result as (
    queue_name text, queue_length bigint, newest_msg_age_sec int, oldest_msg_age_sec int,
    total_messages bigint, scrape_time timestamptz, queue_visible_length bigint
);

grant usage on schema pgmq to pg_monitor;
grant select on all tables in schema pgmq to pg_monitor;
alter default privileges in schema pgmq grant select on tables to pg_monitor;
alter default privileges in schema pgmq grant select on sequences to pg_monitor;

-- Names.

create function pgmq.format_table_name(queue_name text, prefix text) returns text
    language plpgsql as $$
begin
    if queue_name ~ '[$;'']|--' then
        raise exception 'queue name contains invalid characters: $, ;, --, or \''';
    end if;
    return lower(prefix || '_' || queue_name);
end
$$;

create function pgmq.validate_queue_name(queue_name text) returns void language plpgsql as $$
begin
    if length(queue_name) > 47 then
        raise exception 'queue name is too long, maximum length is 47 characters';
    end if;
end
$$;

create function pgmq.acquire_queue_lock(queue_name text) returns void language sql as $$
    select pg_advisory_xact_lock(hashtext('pgmq.queue_' || queue_name))
$$;

create function pgmq._extension_exists(extension_name text) returns boolean language sql as $$
    select exists (select from pg_extension where extname = extension_name)
$$;

create function pgmq._belongs_to_pgmq(table_name text) returns boolean language sql as $$
    select exists (
        select from pg_depend
        where objid = to_regclass(format('pgmq.%I', table_name)) and deptype = 'e'
    )
$$;

-- Queues come and go. Their tables belong to the extension, so that both go together.

create function pgmq.stand_in_create(queue_name text, partitioned boolean, unlogged boolean)
    returns void language plpgsql as $$
declare
    q text := pgmq.format_table_name(queue_name, 'q');
    a text := pgmq.format_table_name(queue_name, 'a');
begin
    perform pgmq.validate_queue_name(queue_name), pgmq.acquire_queue_lock(queue_name);
    if to_regclass(format('pgmq.%I', q)) is null then
        execute format(
            'create %s table pgmq.%I (
                msg_id bigint primary key generated always as identity,
                read_ct int not null default 0,
                enqueued_at timestamptz not null default now(),
                vt timestamptz not null,
                message jsonb,
                headers jsonb
            )', case when unlogged then 'unlogged' end, q
        );
        execute format('create index %I on pgmq.%I (vt)', q || '_vt_idx', q);
        execute format('alter extension pgmq add table pgmq.%I', q);
        execute format('alter extension pgmq add sequence pgmq.%I', q || '_msg_id_seq');
    end if;
    if to_regclass(format('pgmq.%I', a)) is null then
        execute format(
            'create table pgmq.%I (
                msg_id bigint primary key,
                read_ct int not null default 0,
                enqueued_at timestamptz not null default now(),
                archived_at timestamptz not null default now(),
                vt timestamptz not null,
                message jsonb,
                headers jsonb
            )', a
        );
        execute format(
            'create index %I on pgmq.%I (archived_at)', 'archived_at_idx_' || queue_name, a
        );
        execute format('alter extension pgmq add table pgmq.%I', a);
    end if;
    insert into pgmq.meta (queue_name, is_partitioned, is_unlogged)
    values (queue_name, partitioned, unlogged)
    on conflict do nothing;
end
$$;

create function pgmq.create_non_partitioned(queue_name text) returns void language sql as $$
    select pgmq.stand_in_create(queue_name, false, false)
$$;
create function pgmq.create(queue_name text) returns void language sql as $$
    select pgmq.stand_in_create(queue_name, false, false)
$$;
create function pgmq.create_unlogged(queue_name text) returns void language sql as $$
    select pgmq.stand_in_create(queue_name, false, true)
$$;
create function pgmq.create_partitioned(
    queue_name text, partition_interval text default '10000',
    retention_interval text default '100000'
) returns void language sql as $$
    select pgmq.stand_in_create(queue_name, true, false)
$$;
-- An archive is as good without partitions.
create function pgmq.convert_archive_partitioned(
    table_name text, partition_interval text default '10000',
    retention_interval text default '100000', leading_partition int default 10
) returns void language sql as '';

create function pgmq.detach_archive(queue_name text) returns void language plpgsql as $$
begin
    execute format(
        'alter extension pgmq drop table pgmq.%I', pgmq.format_table_name(queue_name, 'a')
    );
end
$$;

create function pgmq.drop_queue(queue_name text) returns boolean language plpgsql as $$
declare
    q text := pgmq.format_table_name(queue_name, 'q');
    a text := pgmq.format_table_name(queue_name, 'a');
    each text;
begin
    perform pgmq.acquire_queue_lock(queue_name);
    if to_regclass(format('pgmq.%I', q)) is null then
        raise notice 'pgmq queue `%` does not exist', queue_name;
        return false;
    end if;
    if pgmq._belongs_to_pgmq(q || '_msg_id_seq') then
        execute format('alter extension pgmq drop sequence pgmq.%I', q || '_msg_id_seq');
    end if;
    foreach each in array array[q, a] loop
        if pgmq._belongs_to_pgmq(each) then
            execute format('alter extension pgmq drop table pgmq.%I', each);
        end if;
        execute format('drop table if exists pgmq.%I', each);
    end loop;
    delete from pgmq.meta where meta.queue_name = drop_queue.queue_name;
    return true;
end
$$;

create function pgmq.drop_queue(queue_name text, partitioned boolean) returns boolean
    language sql as $$
    select pgmq.drop_queue(queue_name)
$$;

create function pgmq.list_queues() returns setof pgmq.queue_record language sql as $$
    select queue_name, is_partitioned, is_unlogged, created_at from pgmq.meta
$$;

create function pgmq.purge_queue(queue_name text) returns bigint language plpgsql as $$
declare
    q text := pgmq.format_table_name(queue_name, 'q');
    purged bigint;
begin
    execute format('select count(*) from pgmq.%I', q) into purged;
    execute format('truncate pgmq.%I', q);
    return purged;
end
$$;

create function pgmq.metrics(queue_name text) returns pgmq.metrics_result
    language plpgsql as $$
declare
    q text := pgmq.format_table_name(queue_name, 'q');
    said pgmq.metrics_result;
begin
    execute format(
        'select $1, count(*), extract(epoch from now() - max(enqueued_at))::int,
            extract(epoch from now() - min(enqueued_at))::int,
            (select case when is_called then last_value else 0 end from pgmq.%I),
            now(), count(*) filter (where vt <= now())
        from pgmq.%I', q || '_msg_id_seq', q
    ) using queue_name into said;
    return said;
end
$$;

create function pgmq.metrics_all() returns setof pgmq.metrics_result language sql as $$
    select said.* from pgmq.meta, pgmq.metrics(meta.queue_name) as said
$$;

-- Messages are sent: now, after some seconds, or at a time.

create function pgmq.send_batch(
    queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz
) returns setof bigint language plpgsql as $$
begin
    return query execute format(
        'insert into pgmq.%I (vt, message, headers)
        select $3, message, headers
        from rows from (unnest($1), unnest($2)) with ordinality as t (message, headers, place)
        order by place
        returning msg_id', pgmq.format_table_name(queue_name, 'q')
    ) using msgs, coalesce(headers, '{}'), delay;
end
$$;
create function pgmq.send_batch(
    queue_name text, msgs jsonb[], headers jsonb[], delay integer
) returns setof bigint language sql as $$
    select pgmq.send_batch(
        queue_name, msgs, headers, clock_timestamp() + make_interval(secs => delay)
    )
$$;
create function pgmq.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
    language sql as $$
    select pgmq.send_batch(queue_name, msgs, null, clock_timestamp())
$$;
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[])
    returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, msgs, headers, clock_timestamp())
$$;
create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer)
    returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, msgs, null, delay)
$$;
create function pgmq.send_batch(queue_name text, msgs jsonb[], delay timestamptz)
    returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, msgs, null, delay)
$$;

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz)
    returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, array[msg], array[headers], delay)
$$;
create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer)
    returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, array[msg], array[headers], delay)
$$;
create function pgmq.send(queue_name text, msg jsonb) returns setof bigint language sql as $$
    select pgmq.send_batch(queue_name, array[msg])
$$;
create function pgmq.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
    language sql as $$
    select pgmq.send_batch(queue_name, array[msg], array[headers])
$$;
create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint
    language sql as $$
    select pgmq.send_batch(queue_name, array[msg], delay)
$$;
create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
    language sql as $$
    select pgmq.send_batch(queue_name, array[msg], delay)
$$;

-- Messages are read, put off, and taken away.

create function pgmq.read(
    queue_name text, vt integer, qty integer, conditional jsonb default '{}'
) returns setof pgmq.message_record language plpgsql as $$
begin
    return query execute format(
        'update pgmq.%1$I as m
        set vt = clock_timestamp() + make_interval(secs => $1), read_ct = read_ct + 1
        where msg_id = any (array(
            select msg_id from pgmq.%1$I
            where vt <= clock_timestamp() and ($3 = ''{}'' or message @> $3)
            order by msg_id
            limit $2
            for update skip locked
        ))
        returning msg_id, read_ct, enqueued_at, vt, message, headers',
        pgmq.format_table_name(queue_name, 'q')
    ) using vt, qty, conditional;
end
$$;

create function pgmq.read_with_poll(
    queue_name text, vt integer, qty integer, max_poll_seconds integer default 5,
    poll_interval_ms integer default 100, conditional jsonb default '{}'
) returns setof pgmq.message_record language plpgsql as $$
declare
    stop_at timestamptz := clock_timestamp() + make_interval(secs => max_poll_seconds);
begin
    while clock_timestamp() < stop_at loop
        return query select * from pgmq.read(queue_name, vt, qty, conditional);
        exit when found;
        perform pg_sleep(poll_interval_ms / 1000.0);
    end loop;
end
$$;

create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer)
    returns setof pgmq.message_record language plpgsql as $$
begin
    return query execute format(
        'update pgmq.%I set vt = clock_timestamp() + make_interval(secs => $2)
        where msg_id = $1
        returning msg_id, read_ct, enqueued_at, vt, message, headers',
        pgmq.format_table_name(queue_name, 'q')
    ) using msg_id, vt;
end
$$;

create function pgmq.pop(queue_name text) returns setof pgmq.message_record
    language plpgsql as $$
begin
    return query execute format(
        'delete from pgmq.%1$I
        where msg_id = (
            select msg_id from pgmq.%1$I
            where vt <= clock_timestamp()
            order by msg_id
            limit 1
            for update skip locked
        )
        returning msg_id, read_ct, enqueued_at, vt, message, headers',
        pgmq.format_table_name(queue_name, 'q')
    );
end
$$;

create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql as $$
begin
    return query execute format(
        'with taken as (
            delete from pgmq.%I where msg_id = any ($1)
            returning msg_id, read_ct, enqueued_at, vt, message, headers
        )
        insert into pgmq.%I (msg_id, read_ct, enqueued_at, vt, message, headers)
        select * from taken
        returning msg_id',
        pgmq.format_table_name(queue_name, 'q'), pgmq.format_table_name(queue_name, 'a')
    ) using msg_ids;
end
$$;
create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language sql as $$
    select exists (select from pgmq.archive(queue_name, array[msg_id]))
$$;

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
    language plpgsql as $$
begin
    return query execute format(
        'delete from pgmq.%I where msg_id = any ($1) returning msg_id',
        pgmq.format_table_name(queue_name, 'q')
    ) using msg_ids;
end
$$;
create function pgmq.delete(queue_name text, msg_id bigint) returns boolean language sql as $$
    select exists (select from pgmq.delete(queue_name, array[msg_id]))
$$;

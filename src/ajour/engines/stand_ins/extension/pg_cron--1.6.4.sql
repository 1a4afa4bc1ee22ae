-- pg_cron: jobs are kept as the real one keeps them, and nothing is run.

create schema cron;
grant usage on schema cron to postgres with grant option;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;
grant select on cron.jobid_seq, cron.runid_seq to public;

create table cron.job (
    jobid bigint constraint job_pkey primary key default nextval('cron.jobid_seq'),
    schedule text not null,
    command text not null,
    nodename text not null default 'localhost',
    nodeport int not null default coalesce(inet_server_port(), 5432),
    database text not null default current_database(),
    username text not null default current_user,
    active boolean not null default true,
    jobname text,
    constraint jobname_username_uniq unique (jobname, username)
);
create table cron.job_run_details (
    jobid bigint,
    runid bigint constraint job_run_details_pkey primary key default nextval('cron.runid_seq'),
    job_pid integer,
    database text,
    username text,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
);

alter table cron.job enable row level security;
alter table cron.job_run_details enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);
grant select on cron.job to public;
grant select, delete on cron.job_run_details to public;

select pg_extension_config_dump('cron.job', '');
select pg_extension_config_dump('cron.jobid_seq', '');
select pg_extension_config_dump('cron.job_run_details', '');
select pg_extension_config_dump('cron.runid_seq', '');

-- Five fields, a name such as @daily, or a number of seconds. Raises as the real one does.
create function cron.stand_in_check(schedule text) returns text
    language plpgsql immutable strict as $$
declare
    term constant text := '([0-9]+|\*|[a-z]{3})(-([0-9]+|[a-z]{3}))?(/[0-9]+)?';
    low constant int[] := array[0, 0, 1, 1, 0];
    high constant int[] := array[59, 23, 31, 12, 7];
    fields text[] := regexp_split_to_array(lower(btrim(schedule, E' \t')), '[ \t]+');
    good boolean := array_length(fields, 1) = 5;
    number text;
begin
    if lower(schedule) ~ '^@(yearly|annually|monthly|weekly|daily|midnight|hourly|reboot)$'
        or schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
    then
        return schedule;
    end if;
    for i in 1 .. 5 loop
        exit when not good;
        -- The last day of a month is a dollar sign; months and days of the week have names.
        good := (i = 3 and fields[i] = '$')
            or (fields[i] ~ ('^' || term || '(,' || term || ')*$')
                and (i > 3 or fields[i] !~ '[a-z]'));
        foreach number in array regexp_split_to_array(
            regexp_replace(fields[i], '/[0-9]+', '', 'g'), '[^0-9]+'
        ) loop
            good := good and (number = '' or number::numeric between low[i] and high[i]);
        end loop;
    end loop;
    if not good then
        raise exception 'invalid schedule: %', schedule
            using errcode = 'invalid_parameter_value',
                hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
    end if;
    return schedule;
end
$$;

-- Rows are written with the rights of the extension's owner, under the name of the caller.
create function cron.stand_in_keep(
    name text, asked text, what text, where_to text, who text, is_active boolean
) returns bigint language sql security definer set search_path = '' as $$
    insert into cron.job as kept (jobname, schedule, command, database, username, active)
    values (name, cron.stand_in_check(asked), what, where_to, who, is_active)
    on conflict on constraint jobname_username_uniq do update
        set schedule = excluded.schedule, command = excluded.command,
            database = excluded.database, active = excluded.active
    returning kept.jobid
$$;

create function cron.stand_in_forget(id bigint, name text, who text) returns boolean
    language plpgsql security definer set search_path = '' as $$
begin
    delete from cron.job
    where (jobid = id or jobname = name)
        and (username = who or (select rolsuper from pg_catalog.pg_roles where rolname = who));
    if not found then
        raise exception 'could not find valid entry for job ''%''', coalesce(name, id::text)
            using errcode = 'internal_error';
    end if;
    return true;
end
$$;

create function cron.schedule(schedule text, command text) returns bigint
    language sql strict as $$
    select cron.stand_in_keep(null, schedule, command, current_database(), current_user, true)
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
    language sql as $$
    select cron.stand_in_keep(job_name, schedule, command, current_database(), current_user, true)
$$;

create function cron.schedule_in_database(
    job_name text, schedule text, command text, database text,
    username text default null, active boolean default true
) returns bigint language sql as $$
    select cron.stand_in_keep(
        job_name, schedule, command, database, coalesce(username, current_user), active
    )
$$;

create function cron.unschedule(job_id bigint) returns boolean language sql strict as $$
    select cron.stand_in_forget(job_id, null, current_user)
$$;

create function cron.unschedule(job_name text) returns boolean language sql strict as $$
    select cron.stand_in_forget(null, job_name, current_user)
$$;

create function cron.alter_job(
    job_id bigint, schedule text default null, command text default null,
    database text default null, username text default null, active boolean default null
) returns void language plpgsql as $$
begin
    update cron.job as kept
    set schedule = coalesce(cron.stand_in_check(alter_job.schedule), kept.schedule),
        command = coalesce(alter_job.command, kept.command),
        database = coalesce(alter_job.database, kept.database),
        username = coalesce(alter_job.username, kept.username),
        active = coalesce(alter_job.active, kept.active)
    where kept.jobid = job_id;
    if not found then
        raise exception 'Job % does not exist or you don''t own it', job_id
            using errcode = 'internal_error';
    end if;
end
$$;
revoke all on function cron.alter_job(bigint, text, text, text, text, boolean) from public;
revoke all on function cron.schedule_in_database(text, text, text, text, text, boolean)
    from public;

create function cron.job_cache_invalidate() returns trigger language plpgsql as $$
begin
    return null;
end
$$;
create trigger cron_job_cache_invalidate
    after insert or update or delete or truncate on cron.job
    for each statement execute function cron.job_cache_invalidate();

-- On Supabase this extension is always in pg_catalog, whatever schema the statement names: a
-- setting of theirs sees to it. A fixed schema in the control file would refuse the others.
delete from pg_depend
where classid = 'pg_extension'::regclass and refclassid = 'pg_namespace'::regclass
    and deptype = 'n' and objid = (select oid from pg_extension where extname = 'pg_cron');
update pg_extension set extnamespace = 'pg_catalog'::regnamespace where extname = 'pg_cron';

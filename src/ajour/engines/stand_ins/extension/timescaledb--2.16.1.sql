-- timescaledb: a hypertable is a plain table, which answers every query the same. Policies,
-- compression and continuous aggregates raise.

create schema _timescaledb_catalog;
create table _timescaledb_catalog.hypertable (
    id serial constraint hypertable_pkey primary key,
    schema_name name not null,
    table_name name not null,
    constraint hypertable_table_name_schema_name_key unique (table_name, schema_name)
);
create schema _timescaledb_internal;
create type _timescaledb_internal.dimension_info as (column_name name, said text);
create schema timescaledb_information;
create view timescaledb_information.hypertables as
select schema_name as hypertable_schema, table_name as hypertable_name
from _timescaledb_catalog.hypertable;
grant usage on schema _timescaledb_catalog, _timescaledb_internal, timescaledb_information
    to public;
grant select on _timescaledb_catalog.hypertable, timescaledb_information.hypertables to public;

-- What the real one does to the table itself: the time is not null, and there is an index on it.
create function _timescaledb_internal.stand_in_hypertable(
    relation regclass, column_name name, with_index boolean, if_not_exists boolean,
    out id integer, out in_schema name, out of_name name, out created boolean
) language plpgsql as $$
begin
    select n.nspname, c.relname into in_schema, of_name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = relation;
    select h.id, false into id, created from _timescaledb_catalog.hypertable as h
    where (h.schema_name, h.table_name) = (in_schema, of_name);
    if found then
        if not if_not_exists then
            raise exception 'table "%" is already a hypertable', of_name
                using errcode = 'TS110';
        end if;
        raise notice 'table "%" is already a hypertable, skipping', of_name;
        return;
    end if;
    if not exists (
        select from pg_attribute
        where attrelid = relation and attname = column_name and attnum > 0 and not attisdropped
    ) then
        raise exception 'column "%" does not exist', column_name using errcode = 'undefined_column';
    end if;
    execute format('alter table %s alter column %I set not null', relation, column_name);
    if with_index then
        execute format('create index if not exists %I on %s (%I desc)',
            of_name || '_' || column_name || '_idx', relation, column_name);
    end if;
    insert into _timescaledb_catalog.hypertable (schema_name, table_name)
    values (in_schema, of_name) returning hypertable.id, true into id, created;
    raise notice 'stand-in on the embedded server: "%" stays a plain table', of_name;
end
$$;

create function by_range(
    column_name name, partition_interval anyelement default null::bigint,
    partition_func regproc default null
) returns _timescaledb_internal.dimension_info language sql as $$
    select row(column_name, 'range')::_timescaledb_internal.dimension_info
$$;
create function by_hash(
    column_name name, number_partitions integer, partition_func regproc default null
) returns _timescaledb_internal.dimension_info language sql as $$
    select row(column_name, 'hash')::_timescaledb_internal.dimension_info
$$;

create function create_hypertable(
    relation regclass, time_column_name name, partitioning_column name default null,
    number_partitions integer default null, associated_schema_name name default null,
    associated_table_prefix name default null,
    chunk_time_interval anyelement default null::bigint,
    create_default_indexes boolean default true, if_not_exists boolean default false,
    partitioning_func regproc default null, migrate_data boolean default false,
    chunk_target_size text default null, chunk_sizing_func regproc default null,
    time_partitioning_func regproc default null
) returns table (hypertable_id integer, schema_name name, table_name name, created boolean)
language sql as $$
    select * from _timescaledb_internal.stand_in_hypertable(
        relation, time_column_name, create_default_indexes, if_not_exists
    )
$$;
create function create_hypertable(
    relation regclass, dimension _timescaledb_internal.dimension_info,
    create_default_indexes boolean default true, if_not_exists boolean default false,
    migrate_data boolean default false
) returns table (hypertable_id integer, created boolean) language sql as $$
    select id, created from _timescaledb_internal.stand_in_hypertable(
        relation, dimension.column_name, create_default_indexes, if_not_exists
    )
$$;

-- Buckets begin on a Monday, months on a first; as the real one has it.
create function time_bucket(bucket_width interval, ts timestamp, origin timestamp default null)
    returns timestamp language sql immutable parallel safe as $$
    select case when extract(year from bucket_width) * 12 + extract(month from bucket_width) = 0
        then date_bin(bucket_width, ts, coalesce(origin, '2000-01-03'))
        else coalesce(origin, '2000-01-01') + make_interval(months => (width * floor((
            (extract(year from ts) - extract(year from coalesce(origin, '2000-01-01'))) * 12
            + extract(month from ts) - extract(month from coalesce(origin, '2000-01-01'))
        ) / width))::integer)
    end
    from (select (extract(year from bucket_width) * 12
        + extract(month from bucket_width))::integer as width) as months
$$;
create function time_bucket(bucket_width interval, ts timestamptz) returns timestamptz
    language sql immutable parallel safe as $$
    select @extschema@.time_bucket(bucket_width, ts at time zone 'UTC') at time zone 'UTC'
$$;
create function time_bucket(bucket_width interval, ts timestamptz, origin timestamptz)
    returns timestamptz language sql immutable parallel safe as $$
    select @extschema@.time_bucket(
        bucket_width, ts at time zone 'UTC', origin at time zone 'UTC'
    ) at time zone 'UTC'
$$;
create function time_bucket(bucket_width interval, ts timestamptz, timezone text)
    returns timestamptz language sql immutable parallel safe as $$
    select @extschema@.time_bucket(bucket_width, ts at time zone timezone) at time zone timezone
$$;
create function time_bucket(bucket_width interval, ts date) returns date
    language sql immutable parallel safe as $$
    select @extschema@.time_bucket(bucket_width, ts::timestamp)::date
$$;
create function time_bucket(bucket_width bigint, ts bigint) returns bigint
    language sql immutable strict parallel safe as $$
    select floor(ts::numeric / bucket_width)::bigint * bucket_width
$$;
create function time_bucket(bucket_width integer, ts integer) returns integer
    language sql immutable strict parallel safe as $$
    select floor(ts::numeric / bucket_width)::integer * bucket_width
$$;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'add_retention_policy(relation regclass, drop_after anyelement, if_not_exists boolean'
            ' default false, schedule_interval interval default null) returns integer',
        'remove_retention_policy(relation regclass, if_exists boolean default false) returns'
            ' void',
        'add_compression_policy(hypertable regclass, compress_after anyelement, if_not_exists'
            ' boolean default false) returns integer',
        'remove_compression_policy(hypertable regclass, if_exists boolean default false)'
            ' returns boolean',
        'add_continuous_aggregate_policy(continuous_aggregate regclass, start_offset'
            ' anyelement, end_offset anyelement, schedule_interval interval, if_not_exists'
            ' boolean default false) returns integer',
        'add_dimension(hypertable regclass, column_name name, number_partitions integer'
            ' default null, chunk_time_interval anyelement default null::bigint, if_not_exists'
            ' boolean default false) returns integer',
        'set_chunk_time_interval(hypertable regclass, chunk_time_interval anyelement) returns'
            ' void',
        'drop_chunks(relation regclass, older_than anyelement) returns setof text',
        'show_chunks(relation regclass) returns setof regclass',
        'compress_chunk(uncompressed_chunk regclass, if_not_compressed boolean default true)'
            ' returns regclass',
        'decompress_chunk(uncompressed_chunk regclass, if_compressed boolean default true)'
            ' returns regclass',
        'hypertable_size(hypertable regclass) returns bigint',
        'time_bucket_gapfill(bucket_width interval, ts timestamptz, start timestamptz default'
            ' null, finish timestamptz default null) returns timestamptz',
        'locf(value anyelement) returns anyelement',
        'interpolate(value double precision) returns double precision'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has timescaledb.';
end
$body$);
    end loop;
end
$do$;

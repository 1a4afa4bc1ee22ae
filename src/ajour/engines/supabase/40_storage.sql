-- Schema `storage`: buckets and the objects in them, as rows; the bytes are elsewhere. Version 2.
--
-- Row level security decides who may do what: all rights are granted, and there is no policy
-- before the project makes one.

create schema storage authorization supabase_admin;
grant usage on schema storage to postgres, anon, authenticated, service_role;
grant all on schema storage to supabase_storage_admin, dashboard_user;

alter default privileges in schema storage
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema storage
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema storage
    grant all on sequences to postgres, anon, authenticated, service_role;

create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
alter type storage.buckettype owner to supabase_storage_admin;

create table storage.buckets (
    id text not null constraint buckets_pkey primary key,
    name text not null,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    public boolean default false,
    avif_autodetection boolean default false,
    file_size_limit bigint,
    allowed_mime_types text[],
    owner_id text,
    type storage.buckettype not null default 'STANDARD',
    versioning_status text not null default 'DISABLED'
        constraint buckets_versioning_status_check
        check (versioning_status in ('DISABLED', 'ENABLED', 'SUSPENDED')),
    constraint buckets_versioning_standard_only_check
        check (type = 'STANDARD' or versioning_status = 'DISABLED')
);
create unique index bname on storage.buckets (name);
comment on column storage.buckets.owner is 'Field is deprecated, use owner_id instead';

create table storage.objects (
    id uuid not null default gen_random_uuid() constraint objects_pkey primary key,
    bucket_id text constraint "objects_bucketId_fkey" references storage.buckets (id),
    name text,
    owner uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(),
    metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text,
    owner_id text,
    user_metadata jsonb,
    archived_at timestamptz,
    is_delete_marker boolean not null default false,
    is_versioned boolean not null default false
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
create index idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
create index idx_objects_bucket_id_name_lower
    on storage.objects (bucket_id, lower(name) collate "C");
create index name_prefix_search on storage.objects (name text_pattern_ops);
comment on column storage.objects.owner is 'Field is deprecated, use owner_id instead';

-- Large files arrive in parts.
create table storage.s3_multipart_uploads (
    id text not null constraint s3_multipart_uploads_pkey primary key,
    in_progress_size bigint not null default 0,
    upload_signature text not null,
    bucket_id text not null constraint s3_multipart_uploads_bucket_id_fkey
        references storage.buckets (id),
    key text collate "C" not null,
    version text not null,
    owner_id text,
    created_at timestamptz not null default now(),
    user_metadata jsonb,
    metadata jsonb
);
create index idx_multipart_uploads_list
    on storage.s3_multipart_uploads (bucket_id, key, created_at);

create table storage.s3_multipart_uploads_parts (
    id uuid not null default gen_random_uuid()
        constraint s3_multipart_uploads_parts_pkey primary key,
    upload_id text not null constraint s3_multipart_uploads_parts_upload_id_fkey
        references storage.s3_multipart_uploads (id) on delete cascade,
    size bigint not null default 0,
    part_number integer not null,
    bucket_id text not null constraint s3_multipart_uploads_parts_bucket_id_fkey
        references storage.buckets (id),
    key text collate "C" not null,
    etag text not null,
    owner_id text,
    version text not null,
    created_at timestamptz not null default now()
);

-- Buckets of the other two types.
create table storage.buckets_analytics (
    name text not null,
    type storage.buckettype not null default 'ANALYTICS',
    format text not null default 'ICEBERG',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    id uuid not null default gen_random_uuid() constraint buckets_analytics_pkey primary key,
    deleted_at timestamptz
);
create unique index buckets_analytics_unique_name_idx
    on storage.buckets_analytics (name) where deleted_at is null;

create table storage.buckets_vectors (
    id text not null constraint buckets_vectors_pkey primary key,
    type storage.buckettype not null default 'VECTOR',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table storage.vector_indexes (
    id text not null default gen_random_uuid() constraint vector_indexes_pkey primary key,
    name text collate "C" not null,
    bucket_id text not null constraint vector_indexes_bucket_id_fkey
        references storage.buckets_vectors (id),
    data_type text not null,
    dimension integer not null,
    distance_metric text not null,
    metadata_configuration jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index vector_indexes_name_bucket_id_idx
    on storage.vector_indexes (name, bucket_id);

create table storage.migrations (
    id integer not null constraint migrations_pkey primary key,
    name varchar(100) not null constraint migrations_name_key unique,
    hash varchar(40) not null,
    executed_at timestamp default current_timestamp
);

do $$
declare
    each regclass;
begin
    for each in
        select oid from pg_class where relnamespace = 'storage'::regnamespace and relkind = 'r'
    loop
        execute format('alter table %s owner to supabase_storage_admin', each);
        execute format('alter table %s enable row level security', each);
    end loop;
end
$$;
grant all on storage.buckets, storage.objects to postgres with grant option;
grant all on storage.buckets, storage.objects, storage.buckets_analytics, storage.buckets_vectors
    to anon, authenticated, service_role;
revoke insert, update, delete, truncate, references, trigger
    on storage.s3_multipart_uploads, storage.s3_multipart_uploads_parts from anon, authenticated;

-- Names of objects are paths: 'grids/2024/cat.final.png' has the folders {grids,2024}, the file
-- name 'cat.final.png' and the extension 'png'.
create function storage.foldername(name text) returns text[] language sql immutable as $$
    select parts[1 : array_length(parts, 1) - 1] from string_to_array(name, '/') as parts
$$;

create function storage.filename(name text) returns text language sql immutable as $$
    select parts[array_length(parts, 1)] from string_to_array(name, '/') as parts
$$;

create function storage.extension(name text) returns text language sql immutable as $$
    select substring(storage.filename(name) from '[^.]*$')
$$;

-- Set by the storage service for each request, such as storage.object.upload. Policies ask for it
-- with or without its first word.
create function storage.operation() returns text language sql stable as $$
    select current_setting('storage.operation', true)
$$;

create function storage.allow_any_operation(expected_operations text[]) returns boolean
    language sql stable as $$
    select exists (
        select from unnest(expected_operations) as expected
        where expected <> ''
            and regexp_replace(expected, '^storage\.', '')
                = regexp_replace(storage.operation(), '^storage\.', '')
    )
$$;

create function storage.allow_only_operation(expected_operation text) returns boolean
    language sql stable as $$
    select storage.allow_any_operation(array[expected_operation])
$$;

-- Names as a tree: what stands below a prefix, up to the next delimiter.
create function storage.get_common_prefix(p_key text, p_prefix text, p_delimiter text) returns text
    language sql immutable as $$
    select left(p_key, nullif(position(p_delimiter in substr(p_key, length(p_prefix) + 1)), 0)
        + length(p_prefix))
$$;

create function storage.list_objects_with_delimiter(
    _bucket_id text, prefix_param text, delimiter_param text, max_keys integer default 100,
    start_after text default '', next_token text default '', sort_order text default 'asc'
) returns table (
    name text, id uuid, metadata jsonb, updated_at timestamptz, created_at timestamptz,
    last_accessed_at timestamptz
) language sql stable as $$
    with entry as (
        select rtrim(
                storage.get_common_prefix(o.name, prefix_param, delimiter_param), delimiter_param
            ) as folder, o.*
        from storage.objects as o
        where o.bucket_id = _bucket_id and starts_with(o.name, coalesce(prefix_param, ''))
    ), listed as (
        select distinct folder as name, null::uuid as id, null::jsonb as metadata,
            null::timestamptz as updated_at, null::timestamptz as created_at,
            null::timestamptz as last_accessed_at
        from entry where folder is not null
        union all
        select entry.name, entry.id, entry.metadata, entry.updated_at, entry.created_at,
            entry.last_accessed_at
        from entry where folder is null
    )
    select * from listed
    where case when coalesce(nullif(next_token, ''), start_after) = '' then true
        when lower(sort_order) = 'desc'
            then listed.name collate "C" < coalesce(nullif(next_token, ''), start_after)
        else listed.name collate "C" > coalesce(nullif(next_token, ''), start_after)
    end
    order by
        case when lower(sort_order) = 'desc' then listed.name collate "C" end desc,
        listed.name collate "C"
    limit max_keys
$$;

create function storage.search(
    prefix text, bucketname text, limits integer default 100, levels integer default 1,
    offsets integer default 0, search text default '', sortcolumn text default 'name',
    sortorder text default 'asc'
) returns table (
    name text, id uuid, updated_at timestamptz, created_at timestamptz,
    last_accessed_at timestamptz, metadata jsonb
) language sql stable as $$
    with entry as (
        select substr(o.name, length(prefix) + 1) as rest, o.*
        from storage.objects as o
        where o.bucket_id = bucketname
            and starts_with(lower(o.name), lower(prefix || coalesce(search, '')))
    ), listed as (
        select distinct split_part(rest, '/', 1) as name, null::uuid as id,
            null::timestamptz as updated_at, null::timestamptz as created_at,
            null::timestamptz as last_accessed_at, null::jsonb as metadata
        from entry where position('/' in rest) > 0
        union all
        select rest, entry.id, entry.updated_at, entry.created_at, entry.last_accessed_at,
            entry.metadata
        from entry where position('/' in rest) = 0
    ), ordered as (
        select listed.*, row_number() over (order by case lower(sortcolumn)
            when 'updated_at' then to_char(listed.updated_at, 'YYYYMMDDHH24MISSUS')
            when 'created_at' then to_char(listed.created_at, 'YYYYMMDDHH24MISSUS')
            when 'last_accessed_at' then to_char(listed.last_accessed_at, 'YYYYMMDDHH24MISSUS')
            else lower(listed.name)
        end collate "C", listed.name collate "C") as place
        from listed
    )
    select o.name, o.id, o.updated_at, o.created_at, o.last_accessed_at, o.metadata
    from ordered as o
    order by case when lower(sortorder) = 'desc' then - place else place end
    limit least(limits, 1500) offset offsets
$$;

create function storage.search_v2(
    prefix text, bucket_name text, limits integer default 100, levels integer default 1,
    start_after text default '', sort_order text default 'asc', sort_column text default 'name',
    sort_column_after text default ''
) returns table (
    key text, name text, id uuid, updated_at timestamptz, created_at timestamptz,
    last_accessed_at timestamptz, metadata jsonb
) language sql stable as $$
    select split_part(l.name, '/', levels), l.name, l.id, l.updated_at, l.created_at,
        l.last_accessed_at, l.metadata
    from storage.list_objects_with_delimiter(
        bucket_name, coalesce(prefix, ''), '/', least(limits, 1500), start_after, '', sort_order
    ) as l
$$;

create function storage.get_size_by_bucket() returns table (size bigint, bucket_id text)
    language sql stable as $$
    select sum((metadata ->> 'size')::bigint)::bigint, o.bucket_id
    from storage.objects as o
    group by o.bucket_id
$$;

-- Tries a row and takes it back: what is wrong with it is said by the error.
create function storage.can_insert_object(bucketid text, name text, owner uuid, metadata jsonb)
    returns void language plpgsql as $$
begin
    insert into storage.objects (bucket_id, name, owner, metadata)
        values (bucketid, name, owner, metadata);
    raise sqlstate 'PT200' using message = 'ROLLBACK', detail = 'rollback successful insert';
end
$$;

create function storage.update_updated_at_column() returns trigger language plpgsql as $$
begin
    new.updated_at = now();
    return new;
end
$$;
create trigger update_objects_updated_at before update on storage.objects
    for each row execute function storage.update_updated_at_column();

create function storage.enforce_bucket_name_length() returns trigger language plpgsql as $$
begin
    if length(new.name) > 100 then
        raise exception 'bucket name "%" is too long (% characters). Max is 100.',
            new.name, length(new.name);
    end if;
    return new;
end
$$;
create trigger enforce_bucket_name_length_trigger before insert or update of name
    on storage.buckets for each row execute function storage.enforce_bucket_name_length();

-- A row deleted by hand would leave its bytes behind; the storage service sets the setting.
create function storage.protect_delete() returns trigger language plpgsql as $$
begin
    if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
        raise exception
            'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
            using errcode = '42501',
                  hint = 'This prevents accidental data loss from orphaned objects.';
    end if;
    return null;
end
$$;
create trigger protect_buckets_delete before delete on storage.buckets
    for each statement execute function storage.protect_delete();
create trigger protect_objects_delete before delete on storage.objects
    for each statement execute function storage.protect_delete();

do $$
declare
    each regprocedure;
begin
    for each in select oid from pg_proc where pronamespace = 'storage'::regnamespace loop
        execute format('alter function %s owner to supabase_storage_admin', each);
    end loop;
end
$$;

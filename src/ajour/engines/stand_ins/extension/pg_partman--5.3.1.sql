-- pg_partman: its tables, which projects read and change. Partitions are not made.

create table part_config (
    parent_table text not null constraint part_config_parent_table_pkey primary key,
    control text not null,
    partition_interval text not null,
    partition_type text not null,
    premake int not null default 4,
    automatic_maintenance text not null default 'on',
    template_table text,
    retention text,
    retention_schema text,
    retention_keep_index boolean not null default true,
    retention_keep_table boolean not null default true,
    epoch text not null default 'none',
    constraint_cols text[],
    optimize_constraint int not null default 30,
    infinite_time_partitions boolean not null default false,
    datetime_string text,
    jobmon boolean not null default true,
    sub_partition_set_full boolean not null default false,
    undo_in_progress boolean not null default false,
    inherit_privileges boolean default false,
    constraint_valid boolean not null default true,
    ignore_default_data boolean not null default true,
    default_table boolean default true,
    date_trunc_interval text,
    maintenance_order int,
    retention_keep_publication boolean not null default false,
    maintenance_last_run timestamptz
);
select pg_extension_config_dump('part_config', '');

do $do$
declare
    each text;
begin
    foreach each in array array[
        'create_parent(p_parent_table text, p_control text, p_interval text, p_type text'
            ' default ''range'', p_epoch text default ''none'', p_premake int default 4,'
            ' p_start_partition text default null, p_default_table boolean default true,'
            ' p_automatic_maintenance text default ''on'', p_constraint_cols text[] default'
            ' null, p_template_table text default null, p_jobmon boolean default true,'
            ' p_date_trunc_interval text default null) returns boolean',
        'run_maintenance(p_parent_table text default null, p_analyze boolean default false,'
            ' p_jobmon boolean default true) returns void',
        'show_partitions(p_parent_table text, p_order text default ''ASC'', p_include_default'
            ' boolean default false) returns table (partition_schemaname text,'
            ' partition_tablename text)'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_partman.';
end
$body$);
    end loop;
end
$do$;

create procedure run_maintenance_proc(
    p_wait int default 0, p_analyze boolean default null, p_jobmon boolean default true
) language plpgsql as $$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_partman.';
end
$$;

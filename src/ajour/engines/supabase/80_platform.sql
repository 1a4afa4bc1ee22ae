-- What else the platform keeps in a project's database: the pooler's way to ask for a password, and
-- the history of the Supabase command line. Version 1.

create schema pgbouncer authorization pgbouncer;
create function pgbouncer.get_auth(p_usename text) returns table (username text, password text)
    language sql security definer set search_path = '' as $$
    select usename::text, passwd from pg_catalog.pg_shadow where usename = p_usename
$$;
revoke all on function pgbouncer.get_auth(text) from public;
grant execute on function pgbouncer.get_auth(text) to pgbouncer;

create schema supabase_migrations;
create table supabase_migrations.schema_migrations (
    version text not null constraint schema_migrations_pkey primary key,
    statements text[],
    name text
);
create table supabase_migrations.seed_files (
    path text not null constraint seed_files_pkey primary key,
    hash text not null
);

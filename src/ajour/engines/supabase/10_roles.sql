-- Roles of a Supabase project. Version 2.
--
-- No role here has a password, so only `postgres` can log in from outside; the others are
-- reached with SET ROLE, as the API does it. On Supabase `postgres` is no superuser, but an
-- extension of theirs lets it do nearly all that one can; here it is the superuser.

-- The three that requests act as: without a token, with a user's token, with the secret key.
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;

-- The API logs in as this one and becomes one of the three above for each request.
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';

-- The platform itself, and its services.
create role supabase_admin login superuser createdb createrole replication bypassrls;
create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin login noinherit createrole;
create role supabase_functions_admin login noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_replication_admin login replication;
create role supabase_etl_admin login replication;
create role supabase_read_only_user login bypassrls;
create role dashboard_user nologin createdb createrole replication;
create role pgbouncer login;

grant authenticator to supabase_storage_admin;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_signal_backend to postgres with admin option;
do $$
begin
    if to_regrole('pg_read_all_data') is not null then  -- PostgreSQL 13 does not have it
        grant pg_read_all_data to postgres with admin option;
        grant pg_read_all_data to supabase_read_only_user, supabase_etl_admin;
    end if;
end
$$;
grant supabase_auth_admin, supabase_storage_admin, supabase_functions_admin to postgres;
grant supabase_realtime_admin to postgres;

alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = 60000;
alter role supabase_storage_admin set search_path = storage;
alter role supabase_functions_admin set search_path = supabase_functions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;
alter role postgres set search_path = "$user", public, extensions;
alter database postgres set search_path = "$user", public, extensions;

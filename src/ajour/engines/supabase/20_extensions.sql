-- Schema `extensions`: where Supabase puts extensions, so that `public` holds only the project's
-- own. It is in the search path. Version 2.

create schema extensions;
grant usage on schema extensions to anon, authenticated, service_role;
grant all on schema extensions to dashboard_user;

alter default privileges in schema extensions
    grant all on tables to postgres with grant option;
alter default privileges in schema extensions
    grant all on routines to postgres with grant option;
alter default privileges in schema extensions
    grant all on sequences to postgres with grant option;

-- Those that every project has from the start. pg_cron, pg_net, pgmq and the others are created by
-- the project. A PostgreSQL may lack some of these, and before 18 nothing can stand in for them.
do $$
declare
    each text;
begin
    foreach each in array array['pg_stat_statements', 'uuid-ossp', 'pgcrypto'] loop
        if exists (select from pg_available_extensions where name = each) then
            execute format('create extension %I with schema extensions', each);
        end if;
    end loop;
    foreach each in array array['supabase_vault', 'pg_graphql'] loop
        if exists (select from pg_available_extensions where name = each) then
            execute format('create extension %I', each);  -- its control file names the schema
        end if;
    end loop;
end
$$;

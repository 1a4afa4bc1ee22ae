-- Schema `public`: what a project makes here is served to the internet. Version 1.
--
-- Everything that `postgres` creates is granted to the API's roles at once. So a table is
-- protected by row level security or not at all. Last of all files: only the project's own
-- objects are to get these rights.

grant usage on schema public to postgres, anon, authenticated, service_role;
grant all on schema public to dashboard_user;

alter default privileges for role postgres in schema public
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public
    grant all on sequences to postgres, anon, authenticated, service_role;

alter default privileges for role supabase_admin in schema public
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
    grant all on sequences to postgres, anon, authenticated, service_role;

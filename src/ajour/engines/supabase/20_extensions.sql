-- Schema `extensions`: where Supabase puts extensions, so that `public` holds only the project's
-- own. It is in the search path. Version 1.

create schema extensions;
grant usage on schema extensions to anon, authenticated, service_role;
grant all on schema extensions to dashboard_user;

alter default privileges in schema extensions
    grant all on tables to postgres with grant option;
alter default privileges in schema extensions
    grant all on routines to postgres with grant option;
alter default privileges in schema extensions
    grant all on sequences to postgres with grant option;

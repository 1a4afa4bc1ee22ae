grant all on orders to service_role;
grant select on orders to public;
alter default privileges in schema public grant all on tables to anon;
alter default privileges in schema public revoke all on tables from public;

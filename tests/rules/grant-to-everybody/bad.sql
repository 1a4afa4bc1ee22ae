grant insert, select on orders to public;
alter default privileges in schema public grant select on tables to public;

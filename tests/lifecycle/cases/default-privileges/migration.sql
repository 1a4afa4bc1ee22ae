-- lost: The rows of table app.q are gone.
alter default privileges in schema app grant insert on tables to anon;
alter default privileges revoke execute on functions from public;
create table app.later (i int);
create function app.f() returns int language sql as 'select 1';
drop table app.q;

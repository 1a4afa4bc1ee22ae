-- since: 15 security_invoker
create schema archive;
alter table orders set schema archive;
create view orders with (security_invoker = on) as select * from archive.orders;
create table fresh (id bigint primary key);
alter table fresh set schema archive;

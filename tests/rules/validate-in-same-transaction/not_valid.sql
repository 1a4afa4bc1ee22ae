-- A table with a constraint that an earlier file added, and no row was checked for.
create table orders (id bigint, amount numeric);
insert into orders values (1, 10), (2, 20);
alter table orders add constraint orders_small check (amount < 1000000) not valid;

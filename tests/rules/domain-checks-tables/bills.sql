-- A domain, and a table with a column of it.
create domain cents as bigint;
create table bills (id bigint, amount cents);
insert into bills values (1, 100);

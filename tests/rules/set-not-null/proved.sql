-- A table with a column of which an earlier file has shown that there is no NULL in it.
create table customers (id bigint primary key, name text, email text not null);
insert into customers values (1, 'Ada', 'a@example.org');
alter table customers add constraint name_is_there check (name is not null);

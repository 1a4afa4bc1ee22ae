alter table orders alter column amount set not null;
update customers set name = email where name is null;
alter table customers alter column name set not null;
create table notes (id bigint, text text);
alter table notes add primary key (id);
do $$ begin update customers set active = true where active is null; end $$;
alter table customers alter column active set not null;

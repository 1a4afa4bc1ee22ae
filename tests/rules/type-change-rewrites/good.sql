alter table customers alter column name type text, alter column email type varchar;
alter table orders alter column amount type numeric(12, 2);
create table notes (id integer);
alter table notes alter column id type bigint;

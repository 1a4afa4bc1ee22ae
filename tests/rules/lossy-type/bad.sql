alter table orders alter column amount type numeric(10, 0);
alter table orders alter column quantity type smallint;
alter table customers alter column name type varchar(10);
alter table customers alter column created_at type date;
alter table orders alter column placed_at type timestamp(0);

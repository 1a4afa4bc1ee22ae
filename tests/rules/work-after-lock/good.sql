update orders set amount = amount + 1 where quantity > 3;
alter table orders add column gross numeric;
update orders set gross = 12 where id = 1;
create table notes as select 1 as id;

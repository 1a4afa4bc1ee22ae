alter table orders alter column quantity drop default;
alter table orders alter column quantity set default 2;
alter table customers alter column active drop default;

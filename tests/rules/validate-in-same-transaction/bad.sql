alter table orders add constraint orders_small check (amount < 1000000) not valid;
alter table orders validate constraint orders_small;

alter table orders add constraint orders_small check (amount < 1000000) not valid;
create table notes (id bigint);
alter table notes add constraint positive check (id > 0);

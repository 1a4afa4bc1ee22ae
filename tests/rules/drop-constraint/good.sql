alter table orders drop constraint orders_amount_check;
alter table orders add constraint orders_amount_check check (amount > 0) not valid;
create table notes (id bigint constraint positive check (id > 0));
alter table notes drop constraint positive;

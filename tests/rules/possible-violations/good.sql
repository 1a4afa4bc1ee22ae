alter table customers add constraint grown_up check (age >= 18) not valid;
alter table orders drop constraint orders_amount_check,
  add constraint orders_amount_check check (amount > -1);
alter table orders add column referrer bigint;
alter table orders add foreign key (referrer) references customers (id);
alter table orders drop constraint orders_customer_id_fkey;
alter table orders add foreign key (customer_id) references customers (id) on delete cascade;

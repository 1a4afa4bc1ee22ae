alter table orders
  add constraint orders_same foreign key (customer_id) references customers (id) not valid;
alter table orders add column helper_id bigint references customers (id);
create table notes (customer_id bigint);
alter table notes add foreign key (customer_id) references customers (id);

alter table orders
  add constraint orders_same foreign key (customer_id) references customers (id) on delete cascade;

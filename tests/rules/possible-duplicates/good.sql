delete from customers a using customers b where a.email = b.email and a.id > b.id;
create unique index customers_email on customers (email);
create unique index orders_id_state on orders (id, state);
alter table orders add column number bigint;
alter table orders add unique (number);
create index orders_placed_at on orders (placed_at);
alter table orders drop constraint orders_pkey cascade;
alter table orders rename to purchases;
create unique index purchases_id on purchases (id);

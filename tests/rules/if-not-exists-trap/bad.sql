create table if not exists customers (id bigint, phone text);
create index if not exists orders_state on orders (state, placed_at);
alter table customers add column if not exists age text;

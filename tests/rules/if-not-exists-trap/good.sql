create table if not exists suppliers (id bigint);
create index if not exists orders_state on orders (state);
alter table customers add column if not exists age integer, add column if not exists phone text;

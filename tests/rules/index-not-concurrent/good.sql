create index concurrently orders_placed_at on orders (placed_at);
create table notes (id bigint primary key, about bigint);
create index on notes (about);
create index if not exists orders_state on orders (state);

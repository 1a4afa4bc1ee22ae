create index orders_placed_at on orders (placed_at);
create unique index if not exists customers_email on customers (email) where active;

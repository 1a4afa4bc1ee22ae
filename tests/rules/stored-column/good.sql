create index concurrently orders_gross on orders ((amount * 1.2));
alter table orders add column gross numeric;
create table notes (body text);
alter table notes add column size int generated always as (length(body)) stored;

alter table orders add column gross numeric;
update orders set gross = amount * 1.2 where gross is null;
create index on orders (gross);

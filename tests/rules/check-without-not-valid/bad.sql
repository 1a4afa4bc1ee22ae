alter table orders add constraint orders_small check (amount < 1000000);
alter table customers add column points integer default 0 check (points >= 0);

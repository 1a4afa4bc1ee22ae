alter table orders add column gross numeric generated always as (amount * 1.2) stored;

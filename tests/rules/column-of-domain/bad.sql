alter table orders add column parts positive;

alter table orders add column number bigserial;
alter table customers add column number bigint generated always as identity;

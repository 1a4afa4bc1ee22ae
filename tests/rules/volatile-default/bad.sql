alter table orders add column token uuid not null default gen_random_uuid();
alter table customers add column seen timestamptz default clock_timestamp(), add column nick text;

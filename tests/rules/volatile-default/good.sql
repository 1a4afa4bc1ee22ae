alter table orders add column token uuid;
alter table orders alter column token set default gen_random_uuid();
alter table customers add column seen timestamptz default now(), add column points int default 0;
create table notes (id bigint);
alter table notes add column token uuid default gen_random_uuid();

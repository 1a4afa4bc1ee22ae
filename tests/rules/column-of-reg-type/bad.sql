create table jobs (id bigint primary key, runs regprocedure not null);
alter table jobs add column language regconfig;
alter table orders add column namespaces regnamespace[];

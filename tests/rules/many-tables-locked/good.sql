alter table customers add column nick text;
alter table customers add column title text;
alter table orders add column gross numeric;
create table notes (id bigint);
create table pages (id bigint);
alter table notes add column body text;
alter table pages add column body text;

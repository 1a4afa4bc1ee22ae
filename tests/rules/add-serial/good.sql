alter table orders add column number bigint;
create table notes (about bigint);
alter table notes add column id bigserial primary key;

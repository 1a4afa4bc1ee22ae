alter table orders add column tax numeric not null default 0;
alter table orders add column number bigint generated always as identity not null;
alter table customers add column phone text;
delete from events;
alter table events add column who text not null;

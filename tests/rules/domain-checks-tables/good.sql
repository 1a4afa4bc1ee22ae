-- set-up: domain-checks-tables/bills.sql
alter domain cents add constraint small check (value < 1000000) not valid;
alter domain cents set default 0;
create domain percent as integer;
create table rebates (part percent);
alter domain percent add check (value between 0 and 100);

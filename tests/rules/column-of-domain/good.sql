alter table orders add column parts integer;
alter table orders add constraint parts_positive check (parts > 0) not valid;
create domain label as text;
alter table orders add column title label;
create table notes (id bigint);
alter table notes add column size positive;

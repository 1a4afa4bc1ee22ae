lock table orders in row exclusive mode;
create table notes (id bigint);
lock table notes;

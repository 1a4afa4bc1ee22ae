drop view open_orders;
drop table if exists no_such_table restrict;
create table parents (id integer primary key);
create table children (id integer references parents (id) on delete cascade);

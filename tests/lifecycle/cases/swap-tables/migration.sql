alter table t rename to t_old;
create table t (id int, v text);

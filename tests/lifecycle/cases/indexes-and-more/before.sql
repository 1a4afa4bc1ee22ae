create table t (id int primary key, v int);
create index t_v on t (v);

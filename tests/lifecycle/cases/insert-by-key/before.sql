create table t (id int primary key, code text unique, v int);
insert into t values (1, 'a', 1);

create table t (id int generated always as identity primary key, v int);
insert into t (v) values (1);

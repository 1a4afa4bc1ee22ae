create table t (id int primary key, v int);
create table u (id int);
insert into t values (1, 1);
insert into u values (1);

create table t (id int primary key, v int default 5, s varchar(50) not null);
create view vw as select s, v from t;
create index t_s on t (s);
alter table t add constraint ck check (v > 0);
insert into t values (1, 1, 'x');

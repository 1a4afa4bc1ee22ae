create table t (id int primary key, s text not null);
insert into t values (1, 'a');

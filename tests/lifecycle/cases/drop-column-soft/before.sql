create table t (id int primary key, gone text not null default 'x');
create index t_gone on t (gone);
insert into t values (1, 'keep');

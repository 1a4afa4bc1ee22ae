create table t (id int primary key, v int not null, s text);
create unique index t_v on t (v);
alter table t replica identity using index t_v;
create index t_s on t (lower(s), v desc nulls last) where v > 0;
comment on index t_s is 'ic';
alter index t_s alter column 1 set statistics 7;
create index t_c on t (s);
alter table t cluster on t_c;

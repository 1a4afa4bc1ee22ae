create table t (id int primary key, v int, s text);
insert into t select n, n, n::text from generate_series(1, 100) n;
create unique index t_v on t (v) where v > 3;
comment on index t_v is 'vc';
create index "T s" on t (lower(s));
alter index "T s" alter column 1 set statistics 7;
create index t_both on t (v, s);

create type mood as enum ('sad', 'happy');
create table t (m mood not null default 'sad', list mood[]);
create index t_m on t (m);
create view vw as select m from t where m = 'happy';
create function f(a mood) returns mood language sql as 'select a';
alter table t add constraint ck check (m <> 'happy');
alter table t enable row level security;
create policy p on t using (m = 'sad');
insert into t values ('sad', '{happy}');

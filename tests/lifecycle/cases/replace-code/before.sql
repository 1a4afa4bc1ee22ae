create table t (id int primary key, v int);
create view vw as select id from t;
grant select on vw to anon;
create view above as select id from vw;
create function f(a int) returns int language sql set search_path = '' as 'select a';
create function g(a int) returns int language sql as 'select 1';
grant execute on function g(int) to anon;
create view calls as select g(id) as g from t;

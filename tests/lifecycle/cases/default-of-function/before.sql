create function next_id() returns int language sql as 'select 1';
create table t (id int default next_id(), v int);
insert into t (v) values (1);
create view vw as select next_id() as n;

drop view vw;
alter table t alter v type bigint;
alter table t alter s type varchar(99);
create view vw as select s, v from t;

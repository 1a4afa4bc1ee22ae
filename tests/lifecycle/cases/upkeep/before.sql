create table t (id int primary key);
create materialized view mv as select id from t;
alter table t cluster on t_pkey;

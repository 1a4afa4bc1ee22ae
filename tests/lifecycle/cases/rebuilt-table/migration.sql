-- lost: Table public.t was dropped; the one that is there now has what the migration put in it.
create table t_new (id int primary key, v int, w int default 0);
insert into t_new (id, v) select id, v from t;
drop table t;
alter table t_new rename to t;
alter index t_new_pkey rename to t_pkey;

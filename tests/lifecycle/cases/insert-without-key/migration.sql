-- lost: Rows were inserted into table public.t; which ones is not told by a key.
-- lost: Rows were inserted into table public.t; which ones is not told by a key.
insert into t (v) values (2);
insert into t (v) select 3;

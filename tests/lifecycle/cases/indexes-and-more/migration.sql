-- The inverse is one transaction, and says so.
alter table t add column z int;
create index concurrently t_z on t (z);
drop index concurrently t_v;

alter table orders rename to _dropped_orders;

create table scratch (id bigint);
drop table scratch;

-- ajour: allow drop-table its rows are in the archive since March
drop table _dropped_orders cascade;

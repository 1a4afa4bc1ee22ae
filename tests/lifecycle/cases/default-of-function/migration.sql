alter table t alter id drop default;
drop view vw;
drop function next_id();
create function next_id() returns bigint language sql as 'select 3::bigint';
alter table t alter id set default next_id();

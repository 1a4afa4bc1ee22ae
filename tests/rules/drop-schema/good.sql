create schema old;
create table old.scratch (a integer);
drop table old.scratch;

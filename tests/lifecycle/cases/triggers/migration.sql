drop trigger tr on t;
drop trigger always on t;
alter table t disable trigger stays;

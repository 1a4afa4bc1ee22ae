alter sequence sq increment 5 cycle maxvalue 1000;
alter sequence sq owned by none;
alter table t alter id drop default;
select setval('sq', 20);
create sequence other as smallint;

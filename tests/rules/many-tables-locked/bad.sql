create table notes (id bigint);
alter table customers add column nick text;
alter table orders add column gross numeric;
alter table events_2024 set (fillfactor = 90), alter column what set default 'opened';
alter table events_rest alter column what set default 'opened';

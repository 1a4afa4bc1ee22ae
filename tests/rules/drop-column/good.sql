alter table customers rename column note to _dropped_note;
create table scratch (a integer, b integer);
alter table scratch drop column b;

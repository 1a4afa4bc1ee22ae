alter table customers drop column note, drop column if exists age;
alter table orders drop column state cascade;

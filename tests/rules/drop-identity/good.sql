alter table orders alter column id set generated always;
create table scratch (id bigint generated always as identity);
alter table scratch alter column id drop identity;

drop type order_state cascade;
truncate customers cascade;
alter table customers drop column active cascade;

drop policy own on customers;
alter table customers alter column active type text;
alter table orders alter column quantity type bigint;
drop view open_orders;
drop materialized view totals;
alter table orders alter column customer_id type integer;

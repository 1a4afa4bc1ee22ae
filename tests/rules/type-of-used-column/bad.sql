-- fails: 0A000
alter table customers alter column active type text;
alter table orders alter column customer_id type integer;

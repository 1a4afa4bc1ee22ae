select setval('invoice_number', 1000);
alter sequence invoice_number restart with 1;
alter table orders alter column id restart with 100;

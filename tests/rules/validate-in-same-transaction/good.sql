-- set-up: validate-in-same-transaction/not_valid.sql
alter table orders validate constraint orders_small;
alter table orders rename constraint orders_small to orders_limit;

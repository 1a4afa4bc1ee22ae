alter table orders rename constraint orders_customer_id_fkey to orders_customer;

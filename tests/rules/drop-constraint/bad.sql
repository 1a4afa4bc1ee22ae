alter table orders drop constraint orders_customer_id_fkey;
alter table orders drop constraint if exists orders_amount_check;

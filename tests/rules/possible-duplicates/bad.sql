create unique index customers_email on customers (email);
alter table orders add constraint once unique (customer_id, amount);

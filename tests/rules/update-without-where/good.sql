update customers set active = true where active is null;
update customers set note = state from orders where orders.customer_id = customers.id;
create table scratch (a integer);
update scratch set a = 1;
alter table orders add column total numeric;
update orders set total = amount * quantity;

delete from orders where state = 'open';
delete from customers using orders where orders.customer_id = customers.id;
create table scratch (a integer);
delete from scratch;

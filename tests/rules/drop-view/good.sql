drop view open_orders;
create view open_orders as select id, customer_id, amount from orders where state = 'open';
drop view if exists never_there;

update customers set note = '' where note is null;
delete from customers using orders where customers.name is null and orders.quantity > 99;

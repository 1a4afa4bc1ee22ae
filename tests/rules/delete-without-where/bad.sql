delete from orders;
delete from events_rest where true;
delete from customers where 1 = 1;

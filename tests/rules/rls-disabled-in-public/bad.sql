create table notes (id bigint generated always as identity primary key, text text);
create table paid_orders as select id, amount from orders where state = 'paid';

-- fails: 55P04
alter type order_state add value 'lost';
update orders set state = 'lost' where id = 3;

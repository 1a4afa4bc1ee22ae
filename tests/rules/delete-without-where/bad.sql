delete from orders;
delete from events_rest where true;
delete from events where 1 = 1;

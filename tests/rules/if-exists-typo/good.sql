drop view if exists open_orders;
drop table if exists something_else;
drop index if exists orders_state;

drop view if exists open_order;
drop table if exists costumers;

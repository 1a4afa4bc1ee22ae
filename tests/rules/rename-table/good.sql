-- since: 15 security_invoker
alter table orders rename to purchases;
create view orders with (security_invoker = on) as select * from purchases;
alter table events rename to _dropped_events;

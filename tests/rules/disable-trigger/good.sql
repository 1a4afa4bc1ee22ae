alter table orders enable trigger orders_touch;
set local session_replication_role = origin;
set constraints all deferred;

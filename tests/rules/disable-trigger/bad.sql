alter table orders disable trigger orders_touch;
alter table customers disable trigger all;
set local session_replication_role = replica;

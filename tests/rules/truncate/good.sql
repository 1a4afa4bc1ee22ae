create table scratch (a integer);
truncate scratch;
delete from orders where placed_at < '2001-01-01';

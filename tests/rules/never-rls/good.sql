create schema internal;
create materialized view internal.best as select customer_id, sum(amount) from orders group by 1;
create materialized view worst as select customer_id, min(amount) from orders group by 1;
revoke all on worst from anon, authenticated;
create table copied as select id from orders;

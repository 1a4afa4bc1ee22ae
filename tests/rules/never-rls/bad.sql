create materialized view best as select customer_id, sum(amount) from orders group by 1;

create unique index on totals (customer_id);
refresh materialized view concurrently totals;
create materialized view notes as select 1 as id;
refresh materialized view notes;

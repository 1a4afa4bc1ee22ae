create unique index on totals (customer_id);
refresh materialized view totals;

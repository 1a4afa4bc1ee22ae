create table tags (customer_id bigint, tag text);

create table tags (customer_id bigint, tag text, primary key (customer_id, tag));
create table notes (id bigint, text text);
alter table notes add primary key (id);
create temporary table scratch (id bigint);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');

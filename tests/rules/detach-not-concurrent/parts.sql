-- Two partitioned tables, one of them with a default partition.
create table readings (at date not null, value real) partition by range (at);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
create table events (at date not null, what text) partition by range (at);
create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
create table events_rest partition of events default;
insert into readings values ('2024-02-29', 1.5);

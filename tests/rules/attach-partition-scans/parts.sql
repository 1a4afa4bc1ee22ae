-- A partitioned table, and one whose constraint says what its bounds will be.
create table readings (at date not null, value real) partition by range (at);
create table readings_2025 (at date not null, value real);
alter table readings_2025 add check (at >= '2025-01-01' and at < '2026-01-01');
insert into readings_2025 values ('2025-02-28', 1.5);

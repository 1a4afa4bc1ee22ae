create table visits (at date not null) partition by range (at);
create table visits_rest partition of visits default;
create table visits_2025 partition of visits for values from ('2025-01-01') to ('2026-01-01');

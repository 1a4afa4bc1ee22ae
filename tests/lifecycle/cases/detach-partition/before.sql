create table part (at date not null, what text) partition by range (at);
create table part_1 partition of part for values from ('2024-01-01') to ('2025-01-01');
create index part_what on part (what);

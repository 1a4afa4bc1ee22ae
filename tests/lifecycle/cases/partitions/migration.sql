-- lost: The rows of table public.part_2 are gone.
drop table part_2;
create table part_3 partition of part for values from ('2025-01-01') to ('2026-01-01');
create index part_at on part (at);

-- set-up: attach-partition-scans/parts.sql
alter table readings attach partition readings_2025
  for values from ('2025-01-01') to ('2026-01-01');
create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01');

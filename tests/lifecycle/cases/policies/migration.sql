alter policy a on t to anon using (v > 7);
drop policy b on t;
drop policy c on t;
create policy c on t for insert with check (v = 1);
drop function mine cascade;
alter table t disable row level security;

create table t (id int, v int);
alter table t enable row level security;
create policy a on t for update to authenticated using (v > 0) with check (v > 1);
create policy b on t as restrictive for select to anon using (v > 0);
create policy c on t using (true);
create function mine() returns bool language sql stable as 'select true';
create policy d on t for delete using (mine());

create policy young on customers for select using (age < 30);
create policy everything on customers to authenticated using (active and age > 60);

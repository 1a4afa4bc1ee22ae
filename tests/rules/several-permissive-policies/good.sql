drop policy own on customers;
create policy own_or_young on customers for select using (active or age < 30);
create policy added on customers for insert to authenticated with check (active);
create policy narrow on customers as restrictive for select using (age > 10);
create policy jobs on customers for all to service_role using (true) with check (true);

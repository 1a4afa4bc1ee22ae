create policy server on customers for all to service_role using (true) with check (true);
create policy reading on customers for select using (true);
create policy own_row on customers for update to authenticated using (email = (select auth.email()));
create policy narrow on customers as restrictive for delete using (true);

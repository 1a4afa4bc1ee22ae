create policy "Service role manages customers" on customers for all using (true) with check (true);
create policy anybody_signs_up on customers for insert to anon with check (true);
create policy members on customers for update to authenticated using (true);

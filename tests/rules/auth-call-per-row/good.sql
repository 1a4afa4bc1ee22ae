create policy mine on customers for all to authenticated
  using ((select auth.email()) = email)
  with check (exists (select from orders o where o.customer_id = customers.id
    and (select auth.uid()) is not null));

-- Größe: letters of two bytes before the calls
create policy mine on customers for all to authenticated
  using (note <> 'äöü' and auth.email() = email)
  with check (exists (select from orders o where o.customer_id = customers.id and auth.uid() is not null));

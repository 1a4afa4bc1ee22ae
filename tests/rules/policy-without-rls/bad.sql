create policy paid on orders for select using (state = 'paid');

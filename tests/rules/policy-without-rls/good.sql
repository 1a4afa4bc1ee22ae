create policy paid on orders for select using (state = 'paid');
create policy old on customers for select using (age > 100);
alter table orders enable row level security;

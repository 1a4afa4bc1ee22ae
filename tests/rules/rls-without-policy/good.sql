alter table orders enable row level security;
alter table events enable row level security;
create policy paid on orders for select using (state = 'paid');
revoke all on events from anon, authenticated;

alter table customers disable row level security;
update customers set active = true where active is null;
alter table customers enable row level security;

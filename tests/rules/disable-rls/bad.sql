alter table customers disable row level security;

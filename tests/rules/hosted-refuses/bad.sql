alter table auth.users add column nickname text;
create index on auth.users (nickname);
create function auth.mine() returns integer language sql as 'select 1';

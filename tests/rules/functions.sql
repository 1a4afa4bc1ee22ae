-- Functions that are there before the examples about functions.
create table accounts (id bigint primary key, owner uuid, balance numeric not null default 0);
alter table accounts enable row level security;
create policy own on accounts for select using (owner is not null);
create index accounts_owner on accounts (owner);
insert into accounts values (1, null, 10);

create function balance(account bigint) returns numeric
  language sql stable security definer set search_path = ''
  as 'select balance from public.accounts where id = account';
create function close(account bigint) returns void
  language sql security definer set search_path = ''
  as 'delete from public.accounts where id = account';
revoke execute on function balance(bigint), close(bigint) from public, anon, authenticated;
create function greet(name text, loud boolean default false) returns text
  language sql immutable set search_path = ''
  as 'select ''hello '' || name';
create view rich as select id from accounts where balance > 1000;

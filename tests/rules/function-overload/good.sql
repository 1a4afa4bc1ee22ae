-- set-up: functions.sql
drop function greet(text, boolean);
create or replace function greet(name text, loud boolean, often integer default 1) returns text
  language sql immutable set search_path = ''
  as 'select ''hello '' || name';
create or replace function balance(account bigint) returns numeric
  language sql stable security definer set search_path = ''
  as 'select balance from public.accounts where id = account';

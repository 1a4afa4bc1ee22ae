-- set-up: functions.sql
create or replace function balance(account pg_catalog.int8) returns decimal
  language sql stable security definer set search_path = ''
  as 'select balance from public.accounts where id = account';
drop function greet(text, boolean);
create or replace function greet(who text, loud boolean) returns varchar
  language sql set search_path = '' as 'select who';

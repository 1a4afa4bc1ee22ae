-- set-up: functions.sql
create or replace function balance(account bigint) returns numeric
  language sql stable security definer set search_path = ''
  as 'select balance + 0 from public.accounts where id = account';
create or replace function balance(account text) returns numeric language sql stable
  as 'select 0::numeric';

-- set-up: functions.sql
-- fails: 42P13
create or replace function balance(which bigint) returns numeric
  language sql stable security definer set search_path = ''
  as 'select balance from public.accounts where id = which';

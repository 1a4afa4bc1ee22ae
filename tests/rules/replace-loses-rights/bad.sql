-- set-up: functions.sql
create or replace function balance(account bigint) returns numeric language sql stable
  as 'select balance + 0 from public.accounts where id = account';

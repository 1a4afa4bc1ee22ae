-- set-up: functions.sql
drop function close(bigint);
create function close(account bigint) returns boolean
  language sql security definer set search_path = ''
  as 'delete from public.accounts where id = account returning true';
revoke execute on function close(bigint) from public, anon, authenticated;

create function pay(which bigint) returns void language sql security definer set search_path = ''
  as 'update public.orders set state = ''paid'' where id = which';
create function refund(which bigint) returns void language sql security definer set search_path = ''
  as 'delete from public.orders where id = which';
revoke execute on function refund from public;

create function pay(which bigint) returns void language sql security definer set search_path = ''
  as 'update public.orders set state = ''paid'' where id = which';
revoke execute on function pay(bigint) from public, anon;
create function my_orders() returns bigint language sql security definer set search_path = ''
  as 'select count(*) from public.orders where customer_id::text = auth.uid()::text';
create function greeting() returns text language sql set search_path = '' as 'select ''hello''';
create function on_sign_up() returns trigger language plpgsql security definer set search_path = ''
  as 'begin return new; end';

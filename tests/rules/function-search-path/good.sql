-- since: 14 a function whose body is parsed when it is made
create function pay(which bigint) returns void language sql security definer set search_path = ''
  as 'update public.orders set state = ''paid'' where id = which';
create function unpaid() returns bigint language sql
  begin atomic select count(*) from orders where state = 'open'; end;
create function stamp() returns trigger language plpgsql as 'begin return new; end';
alter function stamp() set search_path = '';

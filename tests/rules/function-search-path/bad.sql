create function pay(which bigint) returns void language sql security definer
  as 'update orders set state = ''paid'' where id = which';
create or replace function stamp() returns trigger as $$
begin
  new.created_at = now();
  return new;
end;
$$ language plpgsql;

create table parcels (id bigint primary key);
revoke all on parcels from anon, authenticated;
create function count_parcels() returns bigint language sql as 'select count(*) from public.parcels';
revoke execute on function count_parcels() from public, anon;
grant select on orders to authenticated;

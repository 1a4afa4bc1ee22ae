revoke select on orders from anon;
revoke execute on function total(bigint) from public;

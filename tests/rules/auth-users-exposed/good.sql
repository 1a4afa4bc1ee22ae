-- since: 15 security_invoker
create view members with (security_invoker = on) as select id, email from auth.users;
create schema internal;
create view internal.members as select id, email from auth.users;
create view addresses as select email from auth.users;
revoke all on addresses from public, anon, authenticated;

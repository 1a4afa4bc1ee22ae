create view ages as select name, age from customers;
create or replace view public.mails (mail) with (security_barrier = true) as
  select email from customers;

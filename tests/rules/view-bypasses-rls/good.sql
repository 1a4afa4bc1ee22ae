-- since: 15 security_invoker
create view ages with (security_invoker = on) as select name, age from customers;
create view mails as select email from customers;
alter view mails set (security_invoker = true);
create view sent_orders as select id from orders where state = 'sent';
create view inside as select name from customers;
revoke all on inside from anon, authenticated;

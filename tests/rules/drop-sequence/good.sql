create sequence scratch;
drop sequence scratch;
alter sequence invoice_number owned by orders.id;

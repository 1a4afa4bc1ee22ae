select setval('orders_id_seq', (select max(id) from orders));
create table scratch (id bigserial);
select setval('scratch_id_seq', 1000);
alter sequence invoice_number increment by 10;

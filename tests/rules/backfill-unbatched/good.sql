update orders set quantity = 1 where id = 1;
update customers set note = 'new' where id in (1, 2);
delete from orders where state = 'sent' and id between 1 and 2;
create table notes (id bigint, about bigint);
update notes set about = 1 where id is not null;

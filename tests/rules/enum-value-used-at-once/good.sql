-- since: 17 that a value of a type of the same transaction is usable at once
alter type order_state add value 'lost' after 'sent';
create type mood as enum ('good');
alter type mood add value 'bad';
create table diary (id bigint primary key, mood mood default 'bad');
update orders set state = 'sent' where id = 3;

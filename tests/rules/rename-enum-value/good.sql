alter type order_state add value 'shipped' after 'sent';
create type mood as enum ('good', 'bad');
alter type mood rename value 'bad' to 'better';

insert into customers (email) values ('c@example.org');
create function one() returns integer language sql as 'select 1';

-- set-up: functions.sql
drop function close(bigint);
drop function greet(text, boolean);
create function greet(name text) returns text language sql set search_path = ''
  as 'select ''good day '' || name';

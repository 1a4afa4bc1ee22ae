-- set-up: functions.sql
drop function greet(text, boolean);
create function greet(who text, loud boolean default true) returns text
  language sql set search_path = '' as 'select ''good day '' || who';
drop function if exists never_there(integer);

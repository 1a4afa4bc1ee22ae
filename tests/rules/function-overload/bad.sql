-- set-up: functions.sql
create or replace function greet(name text, loud boolean, often integer default 1) returns text
  language sql immutable set search_path = ''
  as 'select ''hello '' || name';

create table notes (id bigint generated always as identity primary key, text text);
create table jobs (id bigint primary key);
create schema internal;
create table internal.queue (id bigint primary key);
create temporary table scratch as select id from orders;
alter table notes enable row level security;
revoke all on jobs from anon, authenticated;

create schema app;
create type app.mood as enum ('a');
create table app.t (id int primary key, m app.mood default 'a');
create view app.vw as select m from app.t;
create function app.f(a app.t) returns int language sql as 'select a.id';
create table uses (m app.mood);
grant usage on schema app to anon;
comment on schema app is 'sc';
create sequence app.sq;

create schema app;
create type mood as enum ('sad', 'happy');
create type pair as (a int, b text);
create domain positive as int check (value > 0);
create sequence numbers increment 2;
create table made (
  id bigint generated always as identity primary key,
  m mood default 'sad', p positive, n int default nextval('numbers'), there_id int references there
);
alter sequence numbers owned by made.n;
create index made_m on made (m);
create view seen as select id, m from made;
create materialized view kept as select id from made;
create unique index kept_id on kept (id);
create function shout(a text) returns text language sql as 'select upper(a)';
create function stamp() returns trigger language plpgsql as $$begin return new; end$$;
create procedure nothing() language sql as 'select 1';
create trigger made_stamp before update on made for each row execute function stamp();
alter table made enable row level security;
create policy everyone on made for select to anon using (true);
create extension citext;
create publication news for table made;
create statistics both_of on m, p from made;
grant select on made to anon;
comment on table made is 'made';
insert into made (p) values (1), (2);

-- One of everything that a schema can hold, so that each can be changed by itself.
create schema app;
grant usage on schema app to anon;
comment on schema app is 'the application';
create extension citext;
create extension file_fdw;

create type mood as enum ('sad', 'happy');
create type point2 as (x int, y int);
create type span as range (subtype = float8);
create domain dom as int default 3 constraint positive check (value > 0);
alter domain dom add constraint small check (value < 99) not valid;
create collation plain_order (locale = 'C');

create function f(a int default 3) returns int language sql immutable strict security definer
  set search_path = '' as 'select a';
comment on function f(int) is 'fc';
grant execute on function f(int) to anon;
create function f(a text) returns text language plpgsql as $$begin return a; end$$;
create function rows_of(a int) returns setof int language sql as 'select a';
create procedure p(a int) language sql as 'select 1';
create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create function ev() returns event_trigger language plpgsql as $$begin end$$;
create aggregate sum2(int) (sfunc = int4pl, stype = int, initcond = '0');

create sequence sq increment 3 start 10;
create table parent (id int primary key, name text unique);
create table t (
  id bigint generated always as identity primary key,
  v int default 5,
  s varchar(50) not null,
  gone text collate "C" not null default 'dflt',
  pid int references parent (id) on delete cascade,
  m mood default 'sad',
  n numeric(10,2),
  twice int generated always as (v * 2) stored,
  counted int default nextval('sq'),
  constraint ck check (length(gone) < 100),
  constraint uq unique (s, v)
);
alter sequence sq owned by t.counted;
comment on table t is 'tbl';
comment on column t.gone is 'important';
comment on constraint ck on t is 'short';
grant select on t to authenticated;
grant select (gone), update (gone) on t to anon;
alter table t enable row level security;
create policy p_gone on t for select to anon using (gone is not null);
create policy p_v on t for update to authenticated using (v > 0) with check (v > 1);
create index t_gone on t (gone);
create unique index t_sv on t (s, m);
create index t_lower on t (lower(gone)) where v > 0;
create index t_tag on t (n) include (v) with (fillfactor = 80);
alter table t add constraint late check (v < 1000) not valid;
create trigger tr before update of gone on t for each row
  when (old.gone is distinct from new.gone) execute function tf();
create trigger tr2 after insert on t for each row execute function tf();
create rule quiet as on delete to parent where old.id = 0 do instead nothing;
create statistics st on v, n from t;

create view vw with (security_barrier) as select id, gone from t;
comment on view vw is 'vc';
grant select on vw to anon;
create materialized view mv as select id, v from t;
create unique index mv_i on mv (id);

create table part (at date not null, what text) partition by range (at);
create table part_1 partition of part for values from ('2024-01-01') to ('2025-01-01');
create table part_2 partition of part default;
create index part_what on part (what);
create table child (extra int) inherits (parent);
create unlogged table fast (id int);
create table app.q (i int, j int);

create server files foreign data wrapper file_fdw;
create foreign table outside (a int options (force_null 'true')) server files
  options (filename '/dev/null', format 'csv');
create user mapping for public server files;

create event trigger watch on ddl_command_end when tag in ('CREATE TABLE') execute function ev();
create publication pb for table t, parent;
alter default privileges in schema app grant select on tables to anon;
alter default privileges revoke execute on functions from public;
create cast (point2 as text) with inout;
create operator ~~~ (function = int4pl, leftarg = int, rightarg = int);
create text search configuration words (copy = simple);
create text search dictionary short (template = simple, stopwords = 'english');

create foreign data wrapper plain options (mode 'x', api_key 'of-the-wrapper');
create server one version '1' foreign data wrapper plain options (host 'h', password 'of-one');
create user mapping for anon server one options (user 'of-anon', password 'of-anon-too');
create operator family fam using btree;
create operator class whole for type int using hash as operator 1 =, function 1 hashint4(int);
create operator ==== (function = int4eq, leftarg = int, rightarg = int);
create conversion latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create transform for int language sql (from sql with function prsd_lextype(internal),
  to sql with function int4recv(internal));
create access method heap_too type table handler heap_tableam_handler;
create text search template plain_words (lexize = dsimple_lexize, init = dsimple_init);
create text search parser spaces (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end,
  lextypes = prsd_lextype);

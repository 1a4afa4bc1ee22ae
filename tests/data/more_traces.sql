-- What the statements of tests/rules/test_more_locks.py are about. Runs on PostgreSQL 13 to 18.
create schema more;
create extension citext schema more;
set search_path = more;
create domain mail as text check (value like '%@%');
create domain plain as text;
create domain of_plain as plain;
create table own (
  id int generated always as identity primary key,
  code varchar(10) unique,
  n int constraint positive check (n > 0),
  at timestamptz default now(),
  email text,
  label plain,
  deep of_plain,
  parent int references own (id)
);
insert into own (code, n, email) select 'c' || g, g, 'e' || g from generate_series(1, 500) g;
create index own_lower on own (lower(email));
create index own_part on own (n) where n > 5;
create view own_view as select id, code from own;
create view own_view2 as select id from own_view;
create materialized view own_mv as select id, n from own;
create table lines (
  id bigserial primary key,
  own_id int not null references own (id) on delete cascade,
  note varchar(20),
  spare text
);
insert into lines (own_id, note) select g, 'n' from generate_series(1, 500) g;
create index lines_note on lines (note);
create table parts (id int, day date, own_id int references own (id)) partition by range (day);
create table parts_a partition of parts for values from ('2020-01-01') to ('2021-01-01');
create table parts_rest partition of parts default;
insert into parts select g, date '2020-01-01' + g, g from generate_series(1, 400) g;
create index parts_day on parts (day);
create table listed (k text not null, v int) partition by list (k);
create table listed_a partition of listed for values in ('a');
insert into listed select 'a', g from generate_series(1, 100) g;
create table ready (k text not null, v int, constraint ready_k check (k = 'b'));
insert into ready select 'b', g from generate_series(1, 100) g;
create table heir (id int, v int);
create sequence heir_numbers owned by heir.v;
alter table heir alter column v set default nextval('heir_numbers');
create sequence heir_spare;
alter sequence heir_spare owned by heir.id;
create table unready (k text not null, v int);
insert into unready select 'c', g from generate_series(1, 100) g;
create table parent (id int, v int);
create table child (extra int) inherits (parent);
insert into child select g, g, g from generate_series(1, 100) g;
create table lone (id int, v int);
insert into lone select g, g from generate_series(1, 100) g;
create unique index lone_id on lone (id);
create table mails (id int, address mail, note text);
insert into mails select g, 'a@b', 'x' from generate_series(1, 100) g;
create table typed (
  id int generated always as identity primary key,
  code varchar(10) unique,
  n int constraint above check (n > 0),
  b bit(4),
  ip cidr,
  email text
);
insert into typed (code, n, email) select 'c' || g, g, 'e@' || g from generate_series(1, 500) g;
create index typed_lower on typed (lower(email));
create index typed_email on typed (email);
create index typed_b on typed (b);
create index typed_ip on typed (ip);
create index typed_part on typed (code) where n > 5;
create table pointing_at (typed_id int references typed);
insert into pointing_at select g from generate_series(1, 100) g;
create sequence counter;
create function steady() returns int language sql immutable as 'select 1';
create function shaky() returns int language plpgsql as $$ begin return 1; end $$;
create function inlined() returns int language sql as 'select 1';
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_own before update on own for each row execute function touch();
alter table own add constraint low check (n < 100000) not valid;
alter table lines add constraint again foreign key (own_id) references own (id) not valid;
analyze;

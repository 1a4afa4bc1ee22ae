alter table typed alter column n type bigint
alter table typed alter column n type int
alter table typed alter column code type varchar(20)
alter table typed alter column code type text
alter table own alter column email type varchar
alter table typed alter column id type bigint
alter table lines alter column own_id type bigint
alter table lines alter column note type varchar(30)
alter table lines alter column note type char(20)
alter table own alter column at type timestamptz(6)
alter table own alter column label type text
alter table own alter column deep type text
alter table typed alter column email type mail
alter table own alter column email type plain
alter table own add column x mail
alter table own add column x plain
alter table own add column x int default steady()
alter table own add column x int default shaky()
alter table own add column x int default inlined()
alter table own add column x timestamptz default timezone('utc', now())
alter table own add column x jsonb not null default '{}'::jsonb
alter table own add column x text default lower('A')
alter table own add column x int default 1 check (x > 0)
alter table mails add column x bigserial primary key
alter table lone add column x bigserial primary key
alter table lone add column x int unique
alter table own add column if not exists n int
alter table own add column x int references own
alter table parts add column x int default shaky()
alter table parts add column x int references own default 1
alter table parent add column x int default shaky()
alter table parent add column x int default 1
alter table parent alter column v type bigint
alter table parent alter column v set not null
alter table only parent alter column v set default 5
alter table parent alter column v set default 5
alter table parent rename column v to w
alter table own drop column parent
alter table own drop column id cascade
alter table typed drop column n
alter table lines drop column own_id
alter table lines drop column id
alter table parts drop column own_id
alter table own drop constraint own_pkey cascade
alter table own drop constraint positive
alter table lines drop constraint again
alter table parts drop constraint parts_own_id_fkey
alter table own validate constraint low
alter table own validate constraint positive
alter table lines validate constraint again
alter table lines add constraint more foreign key (own_id) references own (id)
alter table lone add constraint key primary key using index lone_id
alter table lone add constraint lone_id primary key using index lone_id
alter table lone add constraint un unique (v)
alter table own add constraint c2 check (n is not null) no inherit
alter table parent add constraint c2 check (v is not null)
alter table parent add constraint c2 check (v > 0) not valid
alter table listed attach partition ready for values in ('b')
alter table listed attach partition unready for values in ('c')
alter table listed attach partition unready for values in ('c', 'd')
alter table listed attach partition unready default
alter table parts detach partition parts_a
alter table parts detach partition parts_rest
alter table listed detach partition listed_a
create table parts_b partition of parts for values from ('2022-01-01') to ('2023-01-01')
create table listed_b partition of listed for values in ('z')
create table parts_c (like parts including all)
create table kid (z int) inherits (parent)
create table pointing (id int primary key, own_id int references own, self int references pointing)
create table pointing (a int, foreign key (a) references own (id), foreign key (a) references lone (id))
create table if not exists own (id int)
create table made as select * from own where n > 3
create table made as select * from own_view
create table made as select count(*) from own with no data
select * into made from lone
create view v2 as select * from own_view
create or replace view own_view as select id, code from own
create materialized view m2 as select * from own_view2 with no data
create materialized view m2 as select * from lone
refresh materialized view own_mv
refresh materialized view own_mv with no data
drop table lines
drop table own cascade
drop table parts
drop table parts_rest
drop table parts_a
drop table parent cascade
drop table child
drop view own_view2
drop view own_view cascade
drop materialized view own_mv
drop sequence counter
drop index lines_note
drop index own_part
drop index parts_day
drop domain mail cascade
drop domain plain cascade
drop trigger on_own on own
drop function touch() cascade
drop function steady()
truncate lone
truncate lines restart identity
truncate own cascade
truncate parts
truncate parent
truncate only parent
alter table heir inherit parent
alter table child no inherit parent
alter table lone inherit parent
alter table own set (fillfactor = 50, autovacuum_enabled = false)
alter table own reset (fillfactor)
alter table own set (parallel_workers = 2)
alter view own_view set (security_barrier = true)
alter view own_view rename to own_view3
alter view own_view owner to postgres
alter sequence counter owned by own.n
alter sequence counter increment by 2
alter sequence counter rename to counter2
alter sequence counter owner to postgres
create sequence counter3 owned by lone.v
alter index own_part rename to own_part2
alter table own_part rename to own_part2
alter index own_part set (fillfactor = 50)
alter index own_lower alter column 1 set statistics 100
alter index own_part set tablespace pg_default
alter table own rename constraint positive to positive2
alter trigger on_own on own rename to on_own2
alter table own disable trigger all
alter table own enable always trigger on_own
alter table parts disable trigger all
alter table own set schema public
alter table lines set schema public
alter table own alter column id set generated by default
alter table own alter column id restart with 900
alter table own alter column id drop identity
alter table lone alter column id set not null
alter table ready alter column v drop not null
alter table own alter column parent drop default
alter table parts alter column day set statistics 10
alter table parts alter column day drop not null
alter table parts alter column id set storage plain
alter table parent set unlogged
alter table lone set unlogged
alter table lone set logged
alter table own replica identity using index own_pkey
alter table own no force row level security
alter domain mail add constraint longer check (length(value) > 2)
alter domain mail add constraint longer check (length(value) > 2) not valid
alter domain mail set not null
alter domain mail drop not null
alter domain plain add constraint longer check (length(value) > 2)
alter domain mail drop constraint mail_check
create trigger t2 after insert on parts for each row execute function touch()
create trigger t2 after insert on parts for each statement execute function touch()
create constraint trigger t2 after insert on lone deferrable for each row execute function touch()
create rule r as on insert to lone do also nothing
create index on parts (own_id)
create index on only parts (own_id)
create index if not exists own_part on own (n)
create index on own_mv (id)
create unique index on listed (k, v)
reindex index own_part
reindex table own
reindex table lone
reindex table mails
cluster own using own_pkey
cluster lines using lines_note
comment on column own.n is 'x'
comment on view own_view is 'x'
comment on index own_part is 'x'
comment on constraint positive on own is 'x'
comment on trigger on_own on own is 'x'
comment on function steady() is 'x'
comment on sequence counter is 'x'
grant select on own, lines to public
grant usage on sequence counter to public
grant select on all tables in schema more to public
create publication p1 for table parts
create publication p1 for table own, lines
create statistics s1 on n, code from own
analyze own
analyze parts
analyze own (n)
lock table own in share mode
lock table parts in row exclusive mode
lock table own_view in share mode
lock table only parent in access share mode
select * from own
select * from own where id = 5
select count(*) from own_view2
select * from own for update
select * from parts
select * from own where id = 5 for update
select 1
insert into own (code, n) values ('x', 1)
insert into lines (own_id) values (1)
insert into lone select id, n from own where id > 490
insert into parts values (1, '2020-05-05', 1)
insert into listed values ('a', 1)
update own set n = 2 where id = 3
update own set email = 'x'
update lines set own_id = 2
update lines set note = 'x'
update own_view set code = 'z' where id = 3
update lone set v = own.n from own where own.id = lone.id
update parts set id = 7
delete from lines
delete from lines where id = 4
delete from typed where id = 400
delete from lone using own where own.id = lone.id
delete from parent
with gone as (delete from lone returning *) insert into child select id, v from gone
with a as (select * from own) select * from a
explain select * from own
explain update own set n = 3
explain analyze update lone set v = 3
prepare q as select * from own
declare c cursor for select * from own
copy own to '/dev/null'
copy (select * from lone) to '/dev/null'
create schema other create table t1 (id int references own) create view v1 as select 1
drop schema more cascade
alter table own cluster on own_pkey
alter table own alter column n set (n_distinct = 5)
alter table lone owner to anon
alter table lone add exclude using btree (v with =)
alter table lone add column x int generated always as (v * 2) stored
alter table own alter constraint own_parent_fkey deferrable
alter table typed alter column code type varchar(10) collate "C"
alter table own alter column email type text using upper(email)
alter table own alter column email type text using email::text
alter table own add constraint p2 check (n is not null), alter column n set not null
alter table lone add column y int, add constraint yy check (y > 0), alter column v type bigint
alter type mail rename to mail2
alter domain mail rename to mail2
alter table typed alter column b type varbit
alter table typed alter column ip type inet
alter table typed alter column email type text
alter table typed alter column email type citext
alter table typed alter column code type char(10)
alter table typed alter column id type smallint
alter table pointing_at alter column typed_id type bigint
alter table pointing_at alter column typed_id type int
alter table typed alter column n type bigint, drop constraint above
alter table lines owner to anon
alter table typed add constraint e2 exclude using btree (n with =)
drop table typed cascade
drop table pointing_at
delete from pointing_at where typed_id > 5
drop table heir
drop table if exists heir, nowhere
alter table heir drop column v
insert into heir (id) values (5)
alter sequence heir_spare owned by none
alter table if exists nowhere add column x int
alter table if exists heir add column x int
alter table heir set schema public
drop policy if exists nothing on lone
drop trigger if exists nothing on lone
drop index if exists nothing
alter index if exists nothing rename to something
create policy p on lone using (id in (select id from own_view)) with check (exists (select from typed))
alter table lone add column o int references own default null
alter table lone add column o int default null
alter table lone add column o int default null::int check (o > 0)
drop extension citext

drop index concurrently orders_state;
create table notes (about bigint);
create index notes_about on notes (about);
drop index notes_about;

create table notes (id bigint primary key, text text not null);
alter table notes alter column text drop not null;
alter table customers alter column email drop not null;
alter table customers rename column email to _dropped_email;

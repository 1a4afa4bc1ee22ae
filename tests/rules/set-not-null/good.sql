-- set-up: set-not-null/proved.sql
alter table customers alter column name set not null;
alter table customers drop constraint name_is_there;
alter table customers alter column email set not null;

-- set-up: copied-table/drafts.sql
alter table letters set logged;
alter table letters set tablespace pg_default;

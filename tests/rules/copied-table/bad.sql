-- set-up: copied-table/drafts.sql
alter table drafts set logged;

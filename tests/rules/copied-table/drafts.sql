-- A table whose rows are not in the log, and one whose rows are.
create unlogged table drafts (id bigint, body text);
create table letters (id bigint, body text);
insert into drafts values (1, 'Dear Ada');

-- pgroonga_database: there are no files of Groonga to remove.

create function pgroonga_database_remove() returns boolean language sql as 'select true';

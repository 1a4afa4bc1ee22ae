-- ajour: allow drop-table the rows are in the archive
drop table orders cascade;

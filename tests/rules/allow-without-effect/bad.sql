-- ajour: allow drop-table
drop table orders cascade;

-- ajour: allow drop-tabel the rows are in the archive
drop table customers cascade;

-- ajour: allow drop-table nobody reads it

alter table orders alter column quantity type bigint;
alter table customers alter column note type varchar(500), alter column name type text;
alter table customers alter column age type text;

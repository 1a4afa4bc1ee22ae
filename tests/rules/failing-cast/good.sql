alter table customers alter column name type text;
alter table customers alter column age type bigint;

alter table customers alter column name set not null;
alter table customers alter column age type bigint;

alter table orders alter column amount type numeric(12, 2);
alter table orders alter column quantity type bigint;
alter table customers alter column name type text;
alter table customers alter column age type text;

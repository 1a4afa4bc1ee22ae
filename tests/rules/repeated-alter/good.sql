alter table customers alter column name set not null, alter column age type bigint;
alter table customers add column nick text;
alter table orders add constraint many check (quantity < 100);

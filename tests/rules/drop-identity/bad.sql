alter table orders alter column id drop identity if exists;

alter table customers alter column email drop not null;

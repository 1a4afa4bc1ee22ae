-- fails: 23502
alter table orders add column tax numeric not null;

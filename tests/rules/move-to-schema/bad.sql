create schema archive;
alter table orders set schema archive;
alter function total(bigint) set schema archive;

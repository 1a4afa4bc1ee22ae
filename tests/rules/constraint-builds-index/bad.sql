alter table customers add constraint customers_email unique (email);
alter table orders add column code text unique;
alter table orders add constraint one_a_day exclude (id with =);

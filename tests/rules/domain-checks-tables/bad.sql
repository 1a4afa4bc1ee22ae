-- set-up: domain-checks-tables/bills.sql
alter domain cents add constraint small check (value < 1000000);

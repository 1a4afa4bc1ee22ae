create schema app;
create table app.q (i int primary key);
insert into app.q values (1);

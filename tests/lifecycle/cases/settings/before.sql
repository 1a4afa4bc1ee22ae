create table t (id int primary key, v int default 5, s text not null);
create schema app;
create table app.q (i int);

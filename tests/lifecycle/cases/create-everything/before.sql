create table there (id int primary key);

create table there (id int);

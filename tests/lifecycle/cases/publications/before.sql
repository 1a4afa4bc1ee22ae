create table a (id int primary key);
create table b (id int primary key, v int);
create publication pb for table a with (publish = 'insert');

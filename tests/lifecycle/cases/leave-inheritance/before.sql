create table parent (id int primary key, name text);
create table child (extra int) inherits (parent);

create table t (n numeric(10,2), at timestamptz, s varchar(50));

drop index t_v, t_s, t_c;
create index t_new on t using hash (s);
create index t_s on t (s);

create table p (id int primary key);
create table c (p_id int references p, g int generated always as (p_id * 2) stored);

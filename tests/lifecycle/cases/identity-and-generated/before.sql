create table t (
  a int not null, b int generated always as (a * 2) stored, c int generated always as identity, d int
);

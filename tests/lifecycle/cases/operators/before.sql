create operator === (function = int4eq, leftarg = int, rightarg = int, commutator = ===,
  restrict = eqsel, join = eqjoinsel, hashes, merges);
comment on operator === (int, int) is 'same';
alter operator === (int, int) owner to authenticated;
create operator ==== (function = int4eq, leftarg = int, rightarg = int);
create operator !! (function = int4abs, rightarg = int);
create operator class odd for type int using hash as operator 1 ===, function 1 hashint4(int);
create operator family fam using btree;
alter operator family fam using btree add operator 1 < (int, int),
  function 1 btint4cmp(int, int);
create table t (a int, b int);
create view same as select a from t where a operator(public.===) b;
create index t_a on t using hash (a odd);

create or replace view vw as select id, v from t where v > 0;
create or replace function f(a int) returns int language plpgsql security definer
  as $$begin return a + 1; end$$;
drop function g(int) cascade;
create function g(a int, b text default 'x') returns text language sql as 'select b';

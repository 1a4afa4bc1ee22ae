create table t (id int primary key, v int);
create view vw with (security_barrier) as select id from t;
comment on view vw is 'vc';
comment on column vw.id is 'id';
grant select on vw to anon;
grant select (id) on vw to authenticated;
alter view vw alter column id set default 7;
create materialized view mv as select id, v from t;
create unique index mv_id on mv (id);
grant select on mv to anon;
create function f(a int default 3) returns int language sql immutable strict security definer
  parallel safe cost 7 set search_path = '' as 'select a';
revoke execute on function f(int) from public;
grant execute on function f(int) to anon;
comment on function f(int) is 'fc';
alter function f(int) owner to authenticated;
create procedure p(inout a int) language plpgsql as $$begin a := 1; end$$;
create aggregate sum2(int) (sfunc = int4pl, stype = int, initcond = '0');
create rule quiet as on delete to t do instead nothing;

drop view vw;
drop materialized view mv;
drop function f(int);
drop procedure p(int);
drop aggregate sum2(int);
drop rule quiet on t;

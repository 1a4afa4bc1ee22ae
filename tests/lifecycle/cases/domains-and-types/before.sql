create domain dom as int default 3 check (value > 0);
create type pair as (a int, b text);
create type span as range (subtype = float8);
create table t (d dom, p pair, s span);

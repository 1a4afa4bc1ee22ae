create extension citext;
create table t (s citext);

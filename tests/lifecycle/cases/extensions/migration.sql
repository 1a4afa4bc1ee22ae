-- lost: What extension citext kept of its own is gone.
alter table t alter s type text;
drop extension citext;
create extension pg_trgm;

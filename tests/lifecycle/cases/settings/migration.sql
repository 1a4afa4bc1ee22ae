-- since: 14 compression of a column
alter table t alter v set default 9;
alter table t alter s drop not null;
alter table t alter s set statistics 100;
alter table t alter s set storage external;
alter table t alter s set compression pglz;
alter table t set (fillfactor = 70, autovacuum_enabled = off);
alter table t replica identity full;
alter table t owner to authenticated;
comment on table t is 'new';
comment on column t.s is 'new';
alter table t enable row level security;
grant insert on t to anon;
grant update (s) on t to anon with grant option;
grant usage on schema app to anon;
alter table app.q set unlogged;
alter table app.q add primary key (i);

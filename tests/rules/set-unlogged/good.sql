create unlogged table visits (at timestamptz);
create table hits (at timestamptz);
alter table hits set unlogged;

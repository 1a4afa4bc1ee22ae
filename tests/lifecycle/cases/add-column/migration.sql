alter table t add column z int not null default 3;
alter table t add column w text;
create index t_w on t (w);
comment on column t.w is 'w';
update t set w = s;

create table t (
  id int primary key, v int, gone text collate "C" not null default 'dflt', other text
);
comment on column t.gone is 'important';
create index t_gone on t (gone);
create unique index t_both on t (v, gone);
create index t_lower on t (lower(gone)) where v > 0;
alter table t add constraint short check (length(gone) < 100);
alter table t add constraint uq unique (gone, other);
create table child (gone text, other text, foreign key (gone, other) references t (gone, other));
grant select (gone), update (gone) on t to anon;
alter table t enable row level security;
create policy p_gone on t for select to anon using (gone is not null);
create view vw with (security_invoker = on) as select id, gone from t;
comment on view vw is 'vc';
grant select on vw to anon;
create view above as select gone from vw;
create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create trigger tr before update of gone on t for each row
  when (old.gone is distinct from new.gone) execute function tf();
alter table t disable trigger tr;
alter table t alter column gone set statistics 500;
alter table t alter column gone set storage external;
alter table t alter column gone set (n_distinct = 5);
create statistics st on v, gone from t;
create rule quiet as on update to t where old.gone = 'x' do instead nothing;
create publication pb for table t (id, gone);
insert into t (id) values (1);

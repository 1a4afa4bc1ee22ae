create table p (id int primary key);
create table t (
  id int primary key, p_id int references p, v int check (v > 0), s text,
  constraint uq unique (s) deferrable initially deferred,
  constraint no_over exclude (v with =)
);
alter table t add constraint late foreign key (v) references p not valid;

create table t (id int, gone text);
create function tf() returns trigger language plpgsql as $$begin return new; end$$;
create trigger tr before update of gone on t for each row
  when (old.gone is distinct from new.gone) execute function tf();
alter table t disable trigger tr;
comment on trigger tr on t is 'tc';
create trigger always after insert on t for each statement execute function tf();
alter table t enable always trigger always;
create trigger stays before insert on t for each row execute function tf();

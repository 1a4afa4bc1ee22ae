alter table t drop constraint t_pkey;
alter table t drop constraint t_p_id_fkey;
alter table t drop constraint t_v_check;
alter table t drop constraint uq;
alter table t drop constraint no_over;
alter table t drop constraint late;
alter table t add constraint v_small check (v < 100) not valid;
alter table t alter column v set not null;

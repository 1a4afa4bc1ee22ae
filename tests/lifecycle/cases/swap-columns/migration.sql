-- lost: Values in table public.t were changed; the old ones are gone.
alter table t rename v to v_old;
alter table t add v text;
update t set v = v_old::text;

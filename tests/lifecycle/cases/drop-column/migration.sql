-- lost: The values of column public.t.gone are gone.
drop publication pb;
alter table t drop column gone cascade;

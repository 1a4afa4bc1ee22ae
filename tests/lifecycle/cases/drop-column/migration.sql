-- since: 15 a publication's columns
-- lost: The values of column public.t.gone are gone.
drop publication pb;
alter table t drop column gone cascade;

-- lost: From numeric(10,2) to numeric(10,1), a value of column public.t.n is rounded: the old ones are gone.
-- lost: From timestamptz to date, a value of column public.t.at loses the time of day: the old ones are gone.
alter table t alter n type numeric(10,1);
alter table t alter at type date;
alter table t alter s type text;

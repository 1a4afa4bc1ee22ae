-- since: 15 a publication's WHERE
-- lost: The rows of table public.t are gone.
drop view vw;
drop table t cascade;

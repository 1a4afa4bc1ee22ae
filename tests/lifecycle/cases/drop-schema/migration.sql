-- lost: The rows of table app.t are gone.
-- lost: The values of column public.uses.m are gone.
drop schema app cascade;

-- lost: The rows of table public.a are gone.
-- lost: The rows of table public.b are gone.
drop table a, b cascade;

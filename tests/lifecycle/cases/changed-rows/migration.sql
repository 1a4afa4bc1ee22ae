-- lost: Values in table public.t were changed; the old ones are gone.
-- lost: Rows of table public.t were deleted.
-- lost: The rows of table public.u were deleted.
-- lost: What this DO block did to rows is not known.
update t set v = 2;
delete from t where v = 3;
truncate u;
do $$ begin update t set v = 4; end $$;

-- lost: The rows of table public.part_1 are gone.
drop view vw;
drop table part;

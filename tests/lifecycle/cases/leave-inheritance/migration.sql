-- unproven: column public.child.id (inherited)
alter table child no inherit parent;

-- Nothing but indexes: the inverse is CONCURRENTLY as well.
drop index concurrently t_v;
drop index concurrently if exists public."T s";
create index concurrently on t (s);
create unique index concurrently t_id_v on public.t (id, v);
drop index concurrently t_both;
create index concurrently t_both on t (s, v);

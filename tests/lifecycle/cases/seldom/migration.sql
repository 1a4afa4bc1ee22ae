drop conversion latin;
drop transform for int language sql;
drop table t;
-- lost: The rows of table public.t are gone.
drop access method heap_too;
drop language pl_other;
drop cast (point as text);
create cast (text as point) with inout as assignment;
create default conversion latin_too for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create access method heap_new type table handler heap_tableam_handler;

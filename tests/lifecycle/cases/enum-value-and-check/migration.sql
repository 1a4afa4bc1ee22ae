-- lost: Column public.items.kind was dropped; the one that is there now has what the migration put in it.
alter table items drop constraint progressing;
create type kind_new as enum ('user');
alter table items add column kind_new kind_new;
update items set kind_new = kind::text::kind_new;
alter table items drop column kind;
alter table items rename column kind_new to kind;
alter table items alter column kind set not null;
drop type kind;
alter type kind_new rename to kind;

create type kind as enum ('user', 'progress');
create table items (id int primary key, kind kind not null, progress int);
alter table items add constraint progressing check (kind <> 'progress' or progress > 0);

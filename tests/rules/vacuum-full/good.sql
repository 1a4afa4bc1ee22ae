vacuum orders;
create table notes (id bigint primary key);
cluster notes using notes_pkey;

create table notes (id bigint primary key);
alter table notes rename constraint notes_pkey to notes_key;
alter index orders_state rename to orders_by_state;

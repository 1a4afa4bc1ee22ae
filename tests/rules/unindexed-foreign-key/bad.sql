create table notes (
  id bigint primary key,
  author bigint references customers (id),
  about bigint
);
create index notes_both on notes (about, author);
alter table notes add foreign key (about) references orders (id) on delete cascade;

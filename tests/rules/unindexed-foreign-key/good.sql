create table notes (
  id bigint primary key references customers (id),
  author bigint references customers (id),
  about bigint references orders (id)
);
create index notes_author on notes (author);
create index notes_about on notes (about, author);

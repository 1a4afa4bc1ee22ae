alter table orders add column tags text[] not null default '{}';
update orders set tags[1] = 'a', tags[2] = 'b', quantity = 2 where id = 1;
insert into customers (id, email) values (7, 'c@example.org')
  on conflict (id) do update set email = excluded.email, note = 'again';

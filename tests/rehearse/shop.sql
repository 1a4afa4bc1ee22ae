create type state as enum ('new', 'paid', 'sent');
create domain email as text check (value ~ '^[^@]+@[^@]+$');
create table customers (
  id bigint generated always as identity primary key,
  name varchar(40) not null,
  mail email not null unique,
  country char(2) not null default 'DE',
  age int check (age between 18 and 120)
);
create table orders (
  id uuid primary key default gen_random_uuid(),
  customer bigint not null references customers,
  status text not null check (status in ('open', 'closed')),
  kind state not null,
  total numeric(8, 2) not null check (total > 0),
  tags text[] not null default '{}',
  at timestamptz not null default now(),
  parent uuid references orders,
  twice numeric generated always as (total * 2) stored
);
create table lines (
  ord uuid references orders, cust bigint references customers, n smallint not null,
  primary key (ord, cust)
);
create table solo (cust bigint primary key references customers, doc jsonb not null);
create table log (at date not null, msg text) partition by range (at);
create table log24 partition of log for values from ('2024-01-01') to ('2025-01-01');
create table serials (
  id serial primary key, owner uuid references auth.users, t tstzrange, exclude using gist (t with &&)
);
create table pair (a int unique check (a > 100), b int not null, check (b > a));

alter table customers add column account uuid references auth.users (id);
create table calls (id bigint primary key, account uuid references auth.users);

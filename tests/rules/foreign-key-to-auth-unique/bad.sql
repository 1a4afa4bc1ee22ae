alter table customers add column phone text references auth.users (phone);
create table calls (id bigint primary key, phone text not null,
  foreign key (phone) references auth.users (phone) on delete cascade);

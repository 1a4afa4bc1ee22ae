create foreign data wrapper plain validator postgresql_fdw_validator;
comment on foreign data wrapper plain is 'w';
grant usage on foreign data wrapper plain to anon;
create server one type 't' version '1' foreign data wrapper plain options (host 'h', dbname 'd');
grant usage on foreign server one to anon;
create user mapping for authenticated server one;
create foreign table far (a int not null, b text collate "C") server one;
grant select on far to anon;

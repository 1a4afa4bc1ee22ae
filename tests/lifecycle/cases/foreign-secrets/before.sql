create foreign data wrapper plain;
create server one foreign data wrapper plain options (host 'h', password 'of-one');
create user mapping for anon server one options (user 'of-name', password 'of-me');
create user mapping for authenticated server one options (password 'of-me');

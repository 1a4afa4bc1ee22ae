alter foreign table outside options (set format 'text');
drop user mapping for public server files;
grant usage on foreign server files to anon;
alter foreign data wrapper plain handler file_fdw_handler options (drop mode);
alter server one version '2' options (add port '1');
create server two foreign data wrapper plain;
create user mapping for anon server two options (user 'me', password 'of-me');

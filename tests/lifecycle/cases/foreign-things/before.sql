create extension file_fdw;
create server files foreign data wrapper file_fdw;
create foreign table outside (a int options (force_null 'true')) server files
  options (filename '/dev/null', format 'csv');
create user mapping for public server files;
create foreign data wrapper plain options (mode 'x');
create server one version '1' foreign data wrapper plain options (host 'h');

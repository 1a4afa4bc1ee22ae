-- lost: The options of user mapping public on files are not known: they hold passwords.
alter foreign table outside options (set format 'text');
drop user mapping for public server files;
grant usage on foreign server files to anon;

-- lost: Not undone, as it is no part of a schema: a setting of a database by its name.
alter role anon set statement_timeout = '5s';
alter role anon set app.jwt_secret = 'of-tokens';
alter role supabase_functions_admin reset work_mem;
alter role supabase_functions_admin set search_path = '';
alter role all set app.every = 'x';
alter database template1 set work_mem = '4MB';
do $$ begin
  execute format('alter database %I reset work_mem', current_database());
  execute format('alter database %I set app.mode = ''%%s''', current_database());
  execute format('alter role anon in database %I set work_mem = ''1MB''', current_database());
end $$;

create table t (id int);
alter role supabase_functions_admin set work_mem = '3MB';
alter role supabase_functions_admin set search_path = "a b", public;
do $$ begin execute format('alter database %I set work_mem = ''2MB''', current_database()); end $$;

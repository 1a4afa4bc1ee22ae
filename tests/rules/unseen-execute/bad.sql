do $$
declare
  change text;
begin
  for change in select format('comment on table %I is %L', relname, 'ours') from pg_class
    where relname = 'orders'
  loop
    execute change;
  end loop;
end $$;

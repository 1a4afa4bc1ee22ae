do $$
declare
  name text;
  note constant text := 'ours';
begin
  execute format('comment on table %I is %L', 'orders', note);
  for name in select relname from pg_class where relname in ('orders', 'customers')
  loop
    execute 'comment on table ' || quote_ident(name) || ' is ' || quote_literal(note);
  end loop;
end $$;

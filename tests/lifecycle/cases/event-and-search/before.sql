create function ev() returns event_trigger language plpgsql as $$begin end$$;
create event trigger watch on ddl_command_end when tag in ('CREATE CAST') execute function ev();
alter event trigger watch enable always;
create text search configuration words (copy = simple);
create collation plain_order (locale = 'C');
create cast (point as text) with inout;

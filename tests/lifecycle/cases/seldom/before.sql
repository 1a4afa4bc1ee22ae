create conversion latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
comment on conversion latin is 'l';
create transform for int language sql (from sql with function prsd_lextype(internal),
  to sql with function int4recv(internal));
create access method heap_too type table handler heap_tableam_handler;
create table t (a int) using heap_too;
create table u (a int);
create language pl_other handler plpgsql_call_handler;
create cast (point as text) with inout;

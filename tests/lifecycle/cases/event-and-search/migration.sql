drop event trigger watch;
drop text search configuration words;
drop collation plain_order;
drop cast (point as text);

create extension if not exists hstore;
drop extension hstore;

drop table if exists orders cascade;

create schema old;
drop schema old cascade;

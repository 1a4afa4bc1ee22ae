create schema _trash;
alter table app.q set schema _trash;

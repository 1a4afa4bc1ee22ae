-- set-up: detach-not-concurrent/parts.sql
alter table readings detach partition readings_2024 concurrently;
alter table events detach partition events_2024;

-- set-up: detach-not-concurrent/parts.sql
alter table readings detach partition readings_2024;

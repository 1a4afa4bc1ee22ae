create table part (at date not null, what text, id int, primary key (id, at)) partition by range (at);
create table part_1 partition of part for values from ('2024-01-01') to ('2025-01-01');
create table part_2 partition of part default;
create index part_what on part (what);
grant select on part to anon;
grant select on part_1 to anon;
insert into part values ('2024-02-02', 'x', 1);

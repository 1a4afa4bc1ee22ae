insert into t values (2, 'it''s', 2), (3, 'c', 3);
insert into t (code, id) values ('d', 4);

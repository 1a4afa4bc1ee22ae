-- fails: 42601
select from wher a = 1;
create tabel notes (id bigint);

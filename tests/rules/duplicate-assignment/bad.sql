-- fails: 42601
update orders set quantity = 1, amount = 2, quantity = 3 where id = 1;

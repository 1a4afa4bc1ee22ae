update customers set active = true;
update orders set quantity = quantity + 1 where true;

lock table orders;
lock customers in share row exclusive mode;

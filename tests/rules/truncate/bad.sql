truncate orders;
truncate only customers, orders restart identity;

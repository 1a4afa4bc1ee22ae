alter table orders alter column quantity drop default;

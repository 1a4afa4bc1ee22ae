create index orders_by_the_customer_who_placed_them_and_by_the_day_on_which_that_was on orders (id);
comment on table orders is 'x';
create table "Ça_a_été_commandé_par_des_clients_très_contents_de_leur_été_passé" (a integer);

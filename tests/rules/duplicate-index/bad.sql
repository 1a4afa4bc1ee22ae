create index orders_id on orders (id);
create index orders_state_again on orders (state);

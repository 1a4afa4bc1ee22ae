cluster orders using orders_state;

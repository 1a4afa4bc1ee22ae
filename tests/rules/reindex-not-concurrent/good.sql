reindex table concurrently orders;
reindex index concurrently orders_state;
reindex (concurrently) table customers;

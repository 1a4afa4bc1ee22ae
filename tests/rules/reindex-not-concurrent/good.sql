reindex table concurrently orders;
reindex index concurrently orders_state;

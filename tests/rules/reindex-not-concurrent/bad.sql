reindex table orders;
reindex (verbose) table customers;

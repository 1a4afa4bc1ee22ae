refresh materialized view mv;
analyze t;
reindex table t;
cluster t using t_pkey;

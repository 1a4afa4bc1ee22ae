-- since: 15 a publication's columns
alter publication pb add table b (id) where (id > 0);
alter publication pb set (publish = 'insert, update', publish_via_partition_root);
create publication every for all tables;

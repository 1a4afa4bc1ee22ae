-- since: 14 pg_read_all_data
create role rules_example_reporting bypassrls;
grant pg_read_all_data to rules_example_reporting;
drop role rules_example_reporting;

create role rules_example_reporting nosuperuser nobypassrls;
grant select on customers to rules_example_reporting;
create policy reporting on customers for select to rules_example_reporting using (true);
drop policy reporting on customers;
revoke all on customers from rules_example_reporting;
drop role rules_example_reporting;

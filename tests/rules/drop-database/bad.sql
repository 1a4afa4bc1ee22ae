drop database if exists no_such_database_of_the_rules;

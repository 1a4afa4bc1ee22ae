create view members as select id, email from auth.users;
create materialized view domains as select split_part(email, '@', 2), count(*) from auth.users group by 1;

create extension if not exists dblink;
select dblink_send_query('nobody', 'select 1') where false;

-- lost: http_get() reached out of the database.
select http_get('there');

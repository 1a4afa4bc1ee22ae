select pid from pg_stat_activity;
create function stop(pid integer) returns boolean language sql as 'select pg_cancel_backend(pid)';

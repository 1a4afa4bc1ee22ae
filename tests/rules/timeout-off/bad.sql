set local lock_timeout = 0;
set local statement_timeout = '0s';
set local lock_timeout = '10min';

set local statement_timeout = '30min';
set local lock_timeout = '2s';

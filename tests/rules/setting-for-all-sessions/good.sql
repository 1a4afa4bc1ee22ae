alter function total(bigint) set search_path = '';
set local work_mem = '64MB';

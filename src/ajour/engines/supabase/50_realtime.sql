-- The publication that clients subscribe to; projects add their tables to it. Version 1.

create publication supabase_realtime with (publish = 'insert, update, delete, truncate');

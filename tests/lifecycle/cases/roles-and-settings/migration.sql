-- lost: Not undone, as it is no part of a schema: a setting of a role.
alter role anon set statement_timeout = '3s';

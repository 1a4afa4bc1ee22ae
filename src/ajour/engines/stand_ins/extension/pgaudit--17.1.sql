-- pgaudit: its settings can be set, as all of that form can. Nothing is written to the log.

create function pgaudit_ddl_command_end() returns event_trigger
    language plpgsql as 'begin end';
create function pgaudit_sql_drop() returns event_trigger
    language plpgsql as 'begin end';

-- index_advisor: it asks the planner about indexes of hypopg, which there are not.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'index_advisor(query text) returns table (startup_cost_before jsonb,'
            ' startup_cost_after jsonb, total_cost_before jsonb, total_cost_after jsonb,'
            ' index_statements text[], errors text[])'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has index_advisor.';
end
$body$);
    end loop;
end
$do$;

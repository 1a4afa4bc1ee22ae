-- Schema `graphql_public`: the entrance to GraphQL. What answers it is the extension pg_graphql,
-- which is there from the start and can be dropped. Version 1.

create schema graphql_public;
grant usage on schema graphql_public to postgres, anon, authenticated, service_role;
alter default privileges in schema graphql_public
    grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema graphql_public
    grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema graphql_public
    grant all on sequences to postgres, anon, authenticated, service_role;

create function graphql_public.graphql(
    "operationName" text default null, query text default null, variables jsonb default null,
    extensions jsonb default null
) returns jsonb language plpgsql as $$
begin
    if to_regproc('graphql.resolve') is null then
        return '{"errors": [{"message": "pg_graphql extension is not enabled."}]}';
    end if;
    return graphql.resolve(query, coalesce(variables, '{}'), "operationName", extensions);
end
$$;

-- wrappers: foreign data wrappers, servers and foreign tables can be made. What would read them is
-- a function that only raises: SQL cannot make one, but the input function of its result type is
-- one. So a query ends with "cannot accept a value of type fdw_handler".

create table wrappers_fdw_stats (
    fdw_name text not null constraint wrappers_fdw_stats_pkey primary key,
    create_times bigint,
    rows_in bigint,
    rows_out bigint,
    bytes_in bigint,
    bytes_out bigint,
    metadata jsonb,
    created_at timestamptz not null default timezone('utc', now()),
    updated_at timestamptz not null default timezone('utc', now())
);

do $do$
declare
    each text;
begin
    foreach each in array array[
        'airtable', 'auth0', 'big_query', 'click_house', 'cognito', 'duckdb', 'firebase',
        'hello_world', 'iceberg', 'logflare', 'mssql', 'redis', 's3', 's3_vectors', 'stripe', 'wasm'
    ] loop
        execute format(
            'create function %I() returns fdw_handler language internal strict as %L',
            each || '_fdw_handler', 'fdw_handler_in'
        );
        execute format(
            'create function %I(options text[], catalog oid) returns void language plpgsql as %L',
            each || '_fdw_validator', 'begin end'
        );
        execute format(
            'create function %I() returns table (name text, version text, author text,'
            ' website text) language sql as %L',
            each || '_fdw_meta', format('select %L, null, null, null', each)
        );
    end loop;
end
$do$;

-- rum: the index is PostgreSQL's own GIN under another name, so that searches are right and use it.
-- It does not know positions: distances raise, and rows come unordered.

create access method rum type index handler ginhandler;

create operator class rum_tsvector_ops default for type tsvector using rum as
    operator 1 @@ (tsvector, tsquery),
    function 1 gin_cmp_tslexeme(text, text),
    function 2 gin_extract_tsvector(tsvector, internal, internal),
    function 3 gin_extract_tsquery(
        tsvector, internal, smallint, internal, internal, internal, internal
    ),
    function 4 gin_tsquery_consistent(
        internal, smallint, tsvector, integer, internal, internal, internal, internal
    ),
    function 5 gin_cmp_prefix(text, text, smallint, internal),
    function 6 gin_tsquery_triconsistent(
        internal, smallint, tsvector, integer, internal, internal, internal
    ),
    storage text;
create operator class rum_anyarray_ops default for type anyarray using rum as
    operator 1 && (anyarray, anyarray),
    operator 2 @> (anyarray, anyarray),
    operator 3 <@ (anyarray, anyarray),
    operator 4 = (anyarray, anyarray),
    function 2 ginarrayextract(anyarray, internal, internal),
    function 3 ginqueryarrayextract(
        anyarray, internal, smallint, internal, internal, internal, internal
    ),
    function 4 ginarrayconsistent(
        internal, smallint, anyarray, integer, internal, internal, internal, internal
    ),
    function 6 ginarraytriconsistent(
        internal, smallint, anyarray, integer, internal, internal, internal
    ),
    storage anyelement;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'rum_ts_distance(tsvector, tsquery) returns real',
        'rum_ts_score(tsvector, tsquery) returns real',
        'rum_timestamp_distance(timestamp, timestamp) returns double precision'
    ] loop
        execute format('create function %s language plpgsql immutable strict as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has rum.';
end
$body$);
    end loop;
end
$do$;

create operator <=> (leftarg = tsvector, rightarg = tsquery, function = rum_ts_distance);
create operator <=> (leftarg = timestamp, rightarg = timestamp, function = rum_timestamp_distance);

-- pgroonga: an index can be made, as PostgreSQL's own GIN under that name, of trigrams and the
-- like. It is never used: what would search raises.

create access method pgroonga type index handler ginhandler;

create function pgroonga_extract_text(text, internal) returns internal
    language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_extract_value_trgm';
create function pgroonga_ask_text(
    text, internal, smallint, internal, internal, internal, internal
) returns internal
    language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_extract_query_trgm';
create function pgroonga_consistent_text(
    internal, smallint, text, integer, internal, internal, internal, internal
) returns boolean
    language c immutable strict parallel safe as '$libdir/pg_trgm', 'gin_trgm_consistent';
create function pgroonga_consistent(internal, smallint, anyelement, integer, internal, internal)
    returns boolean
    language c immutable strict parallel safe as '$libdir/btree_gin', 'gin_btree_consistent';

do $do$
declare
    each text;
begin
    foreach each in array array[
        'text_full_text_search_ops_v2 default', 'text_full_text_search_ops',
        'text_term_search_ops_v2', 'text_regexp_ops_v2', 'varchar_term_search_ops_v2',
        'varchar_full_text_search_ops_v2', 'varchar_regexp_ops_v2'
    ] loop
        execute format(
            'create operator class %I %s for type text using pgroonga as
            function 1 btint4cmp(int4, int4),
            function 2 pgroonga_extract_text(text, internal),
            function 3 pgroonga_ask_text(
                text, internal, smallint, internal, internal, internal, internal),
            function 4 pgroonga_consistent_text(
                internal, smallint, text, integer, internal, internal, internal, internal),
            storage int4', 'pgroonga_' || split_part(each, ' ', 1), split_part(each, ' ', 2)
        );
    end loop;
    foreach each in array array[
        'text_array_full_text_search_ops_v2 default', 'text_array_term_search_ops_v2'
    ] loop
        execute format(
            'create operator class %I %s for type text[] using pgroonga as
            function 2 ginarrayextract(anyarray, internal, internal),
            function 3 ginqueryarrayextract(
                anyarray, internal, smallint, internal, internal, internal, internal),
            function 4 ginarrayconsistent(
                internal, smallint, anyarray, integer, internal, internal, internal, internal),
            storage text', 'pgroonga_' || split_part(each, ' ', 1), split_part(each, ' ', 2)
        );
    end loop;
    foreach each in array array['jsonb_ops_v2 default', 'jsonb_full_text_search_ops_v2'] loop
        execute format(
            'create operator class %I %s for type jsonb using pgroonga as
            function 1 btint4cmp(int4, int4),
            function 2 gin_extract_jsonb_path(jsonb, internal, internal),
            function 3 gin_extract_jsonb_query_path(
                jsonb, internal, smallint, internal, internal, internal, internal),
            function 4 gin_consistent_jsonb_path(
                internal, smallint, jsonb, integer, internal, internal, internal, internal),
            storage int4', 'pgroonga_' || split_part(each, ' ', 1), split_part(each, ' ', 2)
        );
    end loop;
    foreach each in array array['int4', 'int8', 'bool', 'uuid', 'timestamp', 'timestamptz'] loop
        execute format(
            'create function %I(%s, internal) returns internal language c immutable strict
            as %L, %L', 'pgroonga_extract_' || each, each, '$libdir/btree_gin',
            'gin_extract_value_' || each
        );
        execute format(
            'create function %I(%s, internal, smallint, internal, internal) returns internal
            language c immutable strict as %L, %L', 'pgroonga_ask_' || each, each,
            '$libdir/btree_gin', 'gin_extract_query_' || each
        );
        execute format(
            'create operator class %I default for type %s using pgroonga as
            function 2 %3$I(%2$s, internal),
            function 3 %4$I(%2$s, internal, smallint, internal, internal),
            function 4 pgroonga_consistent(
                internal, smallint, anyelement, integer, internal, internal)',
            'pgroonga_' || each || '_ops', each, 'pgroonga_extract_' || each,
            'pgroonga_ask_' || each
        );
    end loop;
end
$do$;

do $do$
declare
    each text;
begin
    foreach each in array array[
        'pgroonga_match_text(target text, term text) returns boolean',
        'pgroonga_query_text(target text, query text) returns boolean',
        'pgroonga_similar_text(target text, document text) returns boolean',
        'pgroonga_prefix_text(target text, prefix text) returns boolean',
        'pgroonga_match_text_array(targets text[], term text) returns boolean',
        'pgroonga_query_text_array(targets text[], query text) returns boolean',
        'pgroonga_match_jsonb(target jsonb, term text) returns boolean',
        'pgroonga_query_jsonb(target jsonb, query text) returns boolean',
        'pgroonga_script_jsonb(target jsonb, script text) returns boolean',
        'pgroonga_score(tableoid oid, ctid tid) returns double precision',
        'pgroonga_snippet_html(target text, keywords text[], width integer default 200)'
            ' returns text[]',
        'pgroonga_highlight_html(target text, keywords text[]) returns text',
        'pgroonga_query_extract_keywords(query text, index_name text default '''') returns'
            ' text[]',
        'pgroonga_query_escape(query text) returns text',
        'pgroonga_escape(value text) returns text',
        'pgroonga_normalize(target text, normalizer_name text default ''NormalizerAuto'')'
            ' returns text',
        'pgroonga_tokenize(target text, variadic options text[]) returns json[]',
        'pgroonga_table_name(indexname text) returns text',
        'pgroonga_command(command text) returns text'
    ] loop
        execute format('create function %s language plpgsql stable as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pgroonga.';
end
$body$);
    end loop;
end
$do$;

create operator &@ (leftarg = text, rightarg = text, function = pgroonga_match_text);
create operator &@~ (leftarg = text, rightarg = text, function = pgroonga_query_text);
create operator &@* (leftarg = text, rightarg = text, function = pgroonga_similar_text);
create operator &^ (leftarg = text, rightarg = text, function = pgroonga_prefix_text);
create operator &@ (leftarg = text[], rightarg = text, function = pgroonga_match_text_array);
create operator &@~ (leftarg = text[], rightarg = text, function = pgroonga_query_text_array);
create operator &@ (leftarg = jsonb, rightarg = text, function = pgroonga_match_jsonb);
create operator &@~ (leftarg = jsonb, rightarg = text, function = pgroonga_query_jsonb);
create operator &` (leftarg = jsonb, rightarg = text, function = pgroonga_script_jsonb);

-- xml2: this PostgreSQL is built without an XML library.

do $do$
declare
    each text;
begin
    foreach each in array array[
        'xml_valid(text) returns boolean',
        'xml_encode_special_chars(text) returns text',
        'xpath_string(text, text) returns text',
        'xpath_nodeset(text, text) returns text',
        'xpath_nodeset(text, text, text) returns text',
        'xpath_nodeset(text, text, text, text) returns text',
        'xpath_number(text, text) returns real',
        'xpath_bool(text, text) returns boolean',
        'xpath_list(text, text) returns text',
        'xpath_list(text, text, text) returns text',
        'xpath_table(text, text, text, text, text) returns setof record',
        'xslt_process(text, text) returns text',
        'xslt_process(text, text, text) returns text'
    ] loop
        execute format('create function %s language plpgsql strict parallel safe as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has xml2.';
end
$body$);
    end loop;
end
$do$;

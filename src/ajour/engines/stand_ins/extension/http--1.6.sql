-- http: the types that functions name, and what needs no network.

create domain http_method as text;
create domain content_type as text constraint content_type_check check (value ~ '^\S+\/\S+');
create type http_header as (field varchar, value varchar);
create type http_response as (
    status integer, content_type varchar, headers http_header[], content varchar
);
create type http_request as (
    method http_method, uri varchar, headers http_header[], content_type varchar, content varchar
);

create function http_header(field varchar, value varchar) returns http_header
    return row($1, $2)::http_header;

create function http_headers(variadic args text[]) returns http_header[]
    immutable strict
begin atomic
    select array_agg(row(args[place], args[place + 1])::http_header order by place)
    from generate_series(1, array_length(args, 1), 2) as place;
end;

-- As forms send it: a blank is a plus, other bytes than letters, digits and -._ are %XX.
create function urlencode(string bytea) returns text immutable strict
begin atomic
    select coalesce(string_agg(
        case when byte = 32 then '+'
            when chr(nullif(byte, 0)) ~ '^[A-Za-z0-9._-]$' and byte < 128 then chr(byte)
            else '%' || upper(lpad(to_hex(byte), 2, '0'))
        end, '' order by place
    ), '')
    from (
        select place, get_byte(string, place) as byte
        from generate_series(0, length(string) - 1) as place
    ) as bytes;
end;

create function urlencode(string varchar) returns text immutable strict
    return urlencode(convert_to(string, 'UTF8'));

create function urlencode(data jsonb) returns text immutable strict
begin atomic
    select string_agg(urlencode(key::varchar) || '=' || urlencode(value::varchar), '&')
    from jsonb_each_text(data)
    where value is not null;
end;

create function text_to_bytea(data text) returns bytea immutable strict
    return convert_to(data, 'UTF8');
create function bytea_to_text(data bytea) returns text immutable strict
    return convert_from(data, 'UTF8');

do $do$
declare
    each text;
begin
    foreach each in array array[
        'http(request http_request) returns http_response',
        'http_get(uri varchar) returns http_response',
        'http_get(uri varchar, data jsonb) returns http_response',
        'http_post(uri varchar, data jsonb) returns http_response',
        'http_post(uri varchar, content varchar, content_type varchar) returns http_response',
        'http_put(uri varchar, content varchar, content_type varchar) returns http_response',
        'http_patch(uri varchar, content varchar, content_type varchar) returns http_response',
        'http_delete(uri varchar) returns http_response',
        'http_delete(uri varchar, content varchar, content_type varchar) returns http_response',
        'http_head(uri varchar) returns http_response',
        'http_set_curlopt(curlopt varchar, value varchar) returns boolean',
        'http_reset_curlopt() returns boolean',
        'http_list_curlopt() returns table (curlopt text, value text)'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has http.';
end
$body$);
    end loop;
end
$do$;

-- pg_net: requests stay in the queue, and nothing is sent. So there is never a response.

create schema if not exists net;

create domain net.http_method as text
    constraint http_method_check
    check (value ilike 'get' or value ilike 'post' or value ilike 'delete');
create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
create type net.http_response as (status_code integer, headers jsonb, body text);
create type net.http_response_result as (
    status net.request_status, message text, response net.http_response
);

create unlogged table net.http_request_queue (
    id bigserial,
    method net.http_method not null,
    url text not null,
    headers jsonb,
    body bytea,
    timeout_milliseconds int not null
);
create unlogged table net._http_response (
    id bigint,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean,
    error_msg text,
    created timestamptz not null default now()
);
create index _http_response_created_idx on net._http_response (created);

-- Everything but letters, digits and -._~ as %XX, byte by byte.
create function net._urlencode_string(string varchar) returns text
    language sql immutable as $$
    select coalesce(string_agg(
        case when byte ~ '^[A-Za-z0-9._~-]$' then byte
            else regexp_replace(upper(encode(convert_to(byte, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
        end, '' order by place
    ), '')
    from regexp_split_to_table(string, '') with ordinality as t (byte, place)
$$;

create function net._encode_url_with_params_array(url text, params_array text[]) returns text
    language sql immutable as $$
    select case when array_length(params_array, 1) > 0
        then url || case when position('?' in url) > 0 then '&' else '?' end
            || array_to_string(params_array, '&')
        else url
    end
$$;

create function net.stand_in_queue(
    how text, to_url text, params jsonb, heads jsonb, content jsonb, patience int
) returns bigint language sql as $$
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values (how, net._encode_url_with_params_array(to_url, array(
            select net._urlencode_string(key) || '=' || net._urlencode_string(value)
            from jsonb_each_text(params)
        )), heads, convert_to(content::text, 'UTF8'), patience)
    returning id
$$;

create function net.http_get(
    url text, params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds int default 5000
) returns bigint language sql security definer set search_path = net as $$
    select net.stand_in_queue('GET', url, params, headers, null, timeout_milliseconds)
$$;

create function net.http_post(
    url text, body jsonb default '{}', params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}',
    timeout_milliseconds int default 5000
) returns bigint language plpgsql security definer set search_path = net as $$
declare
    said text := (
        select value from jsonb_each_text(coalesce(headers, '{}'))
        where lower(key) = 'content-type' limit 1
    );
begin
    if said <> 'application/json' then
        raise exception 'Content-Type header must be "application/json"';
    end if;
    if said is null then
        headers := headers || '{"Content-Type": "application/json"}';
    end if;
    return net.stand_in_queue('POST', url, params, headers, body, timeout_milliseconds);
end
$$;

create function net.http_delete(
    url text, params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds int default 5000, body jsonb default null
) returns bigint language sql as $$
    select net.stand_in_queue('DELETE', url, params, headers, body, timeout_milliseconds)
$$;

create function net._http_collect_response(request_id bigint, async boolean default true)
    returns net.http_response_result language sql as $$
    select coalesce(
        (select row('SUCCESS', 'ok', row(status_code, headers, content))::net.http_response_result
            from net._http_response where id = request_id and error_msg is null),
        row('ERROR', 'request matching request_id not found', null)::net.http_response_result
    )
$$;

create function net.http_collect_response(request_id bigint, async boolean default true)
    returns net.http_response_result language sql as $$
    select net._http_collect_response(request_id, async)
$$;

-- There is no worker to look after.
create function net.wake() returns void language sql as '';
create function net.worker_restart() returns boolean language sql as 'select true';

do $do$
declare
    each text;
begin
    foreach each in array array[
        'net._await_response(request_id bigint) returns boolean',
        'net.check_worker_is_up() returns void',
        'net.wait_until_running() returns void'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pg_net.';
end
$body$);
    end loop;
end
$do$;

grant usage on schema net to public;
grant all on all sequences in schema net to public;
grant all on all tables in schema net to public;

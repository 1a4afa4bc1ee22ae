-- pgjwt: tokens signed with HMAC (RFC 7519), all functions of the real one.

create function @extschema@.url_encode(data bytea) returns text language sql immutable as $$
    select rtrim(translate(encode(data, 'base64'), E'+/\n', '-_'), '=')
$$;

create function @extschema@.url_decode(data text) returns bytea language sql immutable as $$
    select decode(rpad(translate(data, '-_', '+/'), (length(data) + 3) / 4 * 4, '='), 'base64')
$$;

create function @extschema@.algorithm_sign(signables text, secret text, algorithm text)
    returns text language sql immutable as $$
    select @extschema@.url_encode(@extschema:pgcrypto@.hmac(
        signables, secret,
        case algorithm when 'HS256' then 'sha256' when 'HS384' then 'sha384'
            when 'HS512' then 'sha512' else '' end
    ))
$$;

create function @extschema@.sign(payload json, secret text, algorithm text default 'HS256')
    returns text language sql immutable as $$
    select signables || '.' || @extschema@.algorithm_sign(signables, secret, algorithm)
    from (
        select @extschema@.url_encode(
            convert_to(format('{"alg":"%s","typ":"JWT"}', algorithm), 'UTF8')
        ) || '.' || @extschema@.url_encode(convert_to(payload::text, 'UTF8')) as signables
    ) as made
$$;

create function @extschema@.try_cast_double(inp text) returns double precision
    language plpgsql immutable as $$
begin
    return inp::double precision;
exception when others then
    return null;
end
$$;

-- A token is valid when its signature is, and the present moment is between `nbf` and `exp`.
create function @extschema@.verify(token text, secret text, algorithm text default 'HS256')
    returns table (header json, payload json, valid boolean) language sql immutable as $$
    select head, body, signed and coalesce(
        extract(epoch from current_timestamp)
            between coalesce(@extschema@.try_cast_double(body ->> 'nbf'), '-infinity')
                and coalesce(@extschema@.try_cast_double(body ->> 'exp'), 'infinity'),
        false
    )
    from (
        select convert_from(@extschema@.url_decode(part[1]), 'UTF8')::json as head,
            convert_from(@extschema@.url_decode(part[2]), 'UTF8')::json as body,
            part[3] = @extschema@.algorithm_sign(part[1] || '.' || part[2], secret, algorithm)
                as signed
        from string_to_array(token, '.') as part
    ) as read
$$;

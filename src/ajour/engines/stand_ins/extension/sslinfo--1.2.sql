-- sslinfo: of a connection without SSL, which all are here, the real one says the same.

create function ssl_is_used() returns boolean strict parallel restricted return false;
create function ssl_version() returns text strict parallel restricted return null::text;
create function ssl_cipher() returns text strict parallel restricted return null::text;
create function ssl_client_cert_present() returns boolean strict parallel restricted return false;
create function ssl_client_serial() returns numeric strict parallel restricted
    return null::numeric;
create function ssl_client_dn() returns text strict parallel restricted return null::text;
create function ssl_issuer_dn() returns text strict parallel restricted return null::text;
create function ssl_client_dn_field(text) returns text strict parallel restricted
    return null::text;
create function ssl_issuer_field(text) returns text strict parallel restricted
    return null::text;
create function ssl_extension_info(out name text, out value text, out critical boolean)
    returns setof record language sql strict parallel restricted as $$
    select '', '', false where false
$$;

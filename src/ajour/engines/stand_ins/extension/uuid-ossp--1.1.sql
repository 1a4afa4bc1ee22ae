-- uuid-ossp: all functions of the real one. None names its schema, so that the extension can be
-- moved to another: what calls a sibling has a body that is bound when it is created.

create function uuid_nil() returns uuid immutable strict parallel safe
    return '00000000-0000-0000-0000-000000000000'::uuid;
create function uuid_ns_dns() returns uuid immutable strict parallel safe
    return '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function uuid_ns_url() returns uuid immutable strict parallel safe
    return '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function uuid_ns_oid() returns uuid immutable strict parallel safe
    return '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;
create function uuid_ns_x500() returns uuid immutable strict parallel safe
    return '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

create function uuid_generate_v4() returns uuid volatile strict parallel safe
    return gen_random_uuid();

-- Version and variant are put into 16 bytes that say something else.
create function uuid_ossp_stamp(bytes bytea, version int) returns uuid
    immutable strict parallel safe
    return encode(
        set_byte(
            set_byte(bytes, 6, (get_byte(bytes, 6) & 15) | (version << 4)),
            8, (get_byte(bytes, 8) & 63) | 128
        ), 'hex'
    )::uuid;

-- The time in steps of 100 ns since the Gregorian calendar began, then 61 random bits. A bit says
-- that the node is made up; the real v1 shows the machine's address there.
create function uuid_generate_v1mc() returns uuid volatile strict parallel safe
begin atomic
    select uuid_ossp_stamp(
        substr(moment, 5, 4) || substr(moment, 3, 2) || substr(moment, 1, 2)
            || substr(chance, 11, 2) || set_byte(substr(chance, 1, 6), 0, get_byte(chance, 0) | 1),
        1
    )
    from int8send(
        (extract(epoch from clock_timestamp()) * 10000000)::bigint + 122192928000000000
    ) as t (moment), uuid_send(gen_random_uuid()) as u (chance);
end;

create function uuid_generate_v1() returns uuid volatile strict parallel safe
    return uuid_generate_v1mc();

create function uuid_generate_v3(namespace uuid, name text) returns uuid
    immutable strict parallel safe
    return uuid_ossp_stamp(
        decode(md5(uuid_send(namespace) || convert_to(name, 'UTF8')), 'hex'), 3
    );

-- SHA-1 (FIPS 180-4), which PostgreSQL itself does not have. Its words of 32 bits are in bigints.
create function uuid_ossp_sha1(data bytea) returns bytea
    language plpgsql immutable strict parallel safe as $$
declare
    ones constant bigint := 4294967295;
    size int := length(data);
    padded bytea := data || '\x80' || decode(repeat('00', (119 - size % 64) % 64), 'hex')
        || int8send(size * 8::bigint);
    w bigint[];
    h0 bigint := 1732584193;
    h1 bigint := 4023233417;
    h2 bigint := 2562383102;
    h3 bigint := 271733878;
    h4 bigint := 3285377520;
    a bigint;
    b bigint;
    c bigint;
    d bigint;
    e bigint;
    x bigint;
    at int;
begin
    for block in 0 .. length(padded) / 64 - 1 loop
        for i in 0 .. 15 loop
            at := block * 64 + i * 4;
            w[i] := (get_byte(padded, at)::bigint << 24) | (get_byte(padded, at + 1) << 16)
                | (get_byte(padded, at + 2) << 8) | get_byte(padded, at + 3);
        end loop;
        for i in 16 .. 79 loop
            x := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((x << 1) | (x >> 31)) & ones;
        end loop;
        a := h0;
        b := h1;
        c := h2;
        d := h3;
        e := h4;
        for i in 0 .. 79 loop
            x := case
                when i < 20 then ((b & c) | (~b & d)) + 1518500249
                when i < 40 then (b # c # d) + 1859775393
                when i < 60 then ((b & c) | (b & d) | (c & d)) + 2400959708
                else (b # c # d) + 3395469782
            end;
            x := ((((a << 5) | (a >> 27)) & ones) + x + e + w[i]) & ones;
            e := d;
            d := c;
            c := ((b << 30) | (b >> 2)) & ones;
            b := a;
            a := x;
        end loop;
        h0 := (h0 + a) & ones;
        h1 := (h1 + b) & ones;
        h2 := (h2 + c) & ones;
        h3 := (h3 + d) & ones;
        h4 := (h4 + e) & ones;
    end loop;
    return substr(int8send(h0), 5) || substr(int8send(h1), 5) || substr(int8send(h2), 5)
        || substr(int8send(h3), 5) || substr(int8send(h4), 5);
end
$$;

create function uuid_generate_v5(namespace uuid, name text) returns uuid
    immutable strict parallel safe
    return uuid_ossp_stamp(
        substr(uuid_ossp_sha1(uuid_send(namespace) || convert_to(name, 'UTF8')), 1, 16), 5
    );

-- pgcrypto: hashes, random bytes and the password hashes that SQL can compute. Encryption raises.
-- No body finds a sibling by name, so that the extension can be moved to another schema: what
-- calls one has a body that is bound when it is created.

-- Its argument keeps the planner from calling it ahead of time.
create function pgcrypto_no_such_salt(salt text) returns text
    language plpgsql immutable parallel safe as $$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              detail = 'Of the kinds of salt, it knows bf ($2a$) and md5 ($1$).',
              hint = 'The setting `postgres` can name a PostgreSQL that has pgcrypto.';
end
$$;

create function pgcrypto_no_such_hash(name text) returns bytea
    language plpgsql immutable parallel safe as $$
begin
    raise exception 'Cannot use "%": No such hash algorithm', name
        using errcode = 'invalid_parameter_value';
end
$$;

-- SHA-1 (FIPS 180-4), which PostgreSQL itself does not have. Its words of 32 bits are in bigints.
create function pgcrypto_sha1(data bytea) returns bytea
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

create function digest(data bytea, type text) returns bytea immutable strict parallel safe
    return case lower(type)
        when 'md5' then decode(md5(data), 'hex')
        when 'sha1' then pgcrypto_sha1(data)
        when 'sha224' then sha224(data)
        when 'sha256' then sha256(data)
        when 'sha384' then sha384(data)
        when 'sha512' then sha512(data)
        else pgcrypto_no_such_hash(type)
    end;

create function digest(data text, type text) returns bytea immutable strict parallel safe
    return digest(convert_to(data, 'UTF8'), type);

-- HMAC (RFC 2104): the key fills a block, and each byte of it is changed by `change`.
create function pgcrypto_pad(key bytea, size int, change int) returns bytea
    language plpgsql immutable strict parallel safe as $$
declare
    padded bytea := key || decode(repeat('00', size - length(key)), 'hex');
begin
    for i in 0 .. size - 1 loop
        padded := set_byte(padded, i, get_byte(padded, i) # change);
    end loop;
    return padded;
end
$$;

create function pgcrypto_hmac(data bytea, key bytea, type text, size int) returns bytea
    immutable strict parallel safe
    return digest(
        pgcrypto_pad(key, size, 92) || digest(pgcrypto_pad(key, size, 54) || data, type), type
    );

create function hmac(data bytea, key bytea, type text) returns bytea
    immutable strict parallel safe
begin atomic
    select pgcrypto_hmac(
        data, case when length(key) > size then digest(key, type) else key end, type, size
    )
    from (values (case when lower(type) in ('sha384', 'sha512') then 128 else 64 end)) as t (size);
end;

create function hmac(data text, key text, type text) returns bytea immutable strict parallel safe
    return hmac(convert_to(data, 'UTF8'), convert_to(key, 'UTF8'), type);

-- PostgreSQL's own strong random numbers come as uuids: 122 bits of each 128. Two of them make
-- 32 good bytes.
create function gen_random_bytes(count int) returns bytea
    language plpgsql volatile strict parallel safe as $$
begin
    if count not between 1 and 1024 then
        raise exception 'Length not in range'
            using errcode = 'external_routine_invocation_exception';
    end if;
    return (
        select substr(string_agg(
            sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), ''::bytea
        ), 1, count)
        from generate_series(1, (count + 31) / 32)
    );
end
$$;

create function gen_random_uuid() returns uuid volatile strict parallel safe
    return pg_catalog.gen_random_uuid();

-- A number in the alphabet of crypt(3), the lowest six bits first.
create function pgcrypto_digits(value bigint, count int) returns text
    language sql immutable strict parallel safe as $$
    select string_agg(substr(
        './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
        1 + ((value >> (6 * place))::int & 63), 1
    ), '' order by place)
    from generate_series(0, count - 1) as place
$$;

create function pgcrypto_rounds(type text, asked int) returns int
    language plpgsql immutable strict parallel safe as $$
declare
    rounds int := case when asked <> 0 then asked
        else case type when 'xdes' then 725 when 'md5' then 1000 when 'bf' then 6 else 25 end end;
begin
    if type not in ('des', 'xdes', 'md5', 'bf') then
        raise exception 'gen_salt: Unknown salt algorithm'
            using errcode = 'external_routine_invocation_exception';
    end if;
    if not (case type
        when 'des' then rounds = 25
        when 'xdes' then rounds between 1 and 16777215 and rounds % 2 = 1
        when 'md5' then rounds = 1000
        else rounds between 4 and 31
    end) then
        raise exception 'gen_salt: Incorrect number of rounds'
            using errcode = 'external_routine_invocation_exception';
    end if;
    return rounds;
end
$$;

-- 22 digits of six bits for the 128 bits of bcrypt: of the last digit only two bits count.
create function gen_salt(type text, iter_count int) returns text volatile strict parallel safe
begin atomic
    select case lower(type)
        when 'des' then left(chance, 2)
        when 'xdes' then '_' || pgcrypto_digits(rounds, 4) || left(chance, 4)
        when 'md5' then '$1$' || left(chance, 8)
        when 'bf' then '$2a$' || to_char(rounds, 'FM00') || '$' || left(chance, 21)
            || substr('.Oeu', 1 + (ascii(right(chance, 1)) & 3), 1)
    end
    from (
        select pgcrypto_rounds(lower(type), iter_count) as rounds,
            string_agg(pgcrypto_digits(get_byte(bytes, place), 1), '') as chance
        from gen_random_bytes(22) as bytes, generate_series(0, 21) as place
    ) as made;
end;

create function gen_salt(type text) returns text volatile strict parallel safe
    return gen_salt(type, 0);

-- The MD5 of crypt(3), `$1$`: a thousand rounds.
create function pgcrypto_crypt_md5(password bytea, setting text) returns text
    language plpgsql immutable strict parallel safe as $$
declare
    salt text := left(split_part(setting, '$', 3), 8);
    salted bytea := convert_to(salt, 'UTF8');
    size int := length(password);
    made bytea := decode(md5(password || salted || password), 'hex');
    mixed bytea := password || '$1$'::bytea || salted;
    digits text := '';
    group_of int[];
    value int;
begin
    for i in 0 .. (size - 1) / 16 loop
        exit when size = 0;
        mixed := mixed || substr(made, 1, least(16, size - i * 16));
    end loop;
    while size > 0 loop
        mixed := mixed || case when size % 2 = 1 then '\x00'::bytea else substr(password, 1, 1) end;
        size := size >> 1;
    end loop;
    made := decode(md5(mixed), 'hex');
    for i in 0 .. 999 loop
        made := decode(md5(
            case when i % 2 = 1 then password else made end
            || case when i % 3 > 0 then salted else ''::bytea end
            || case when i % 7 > 0 then password else ''::bytea end
            || case when i % 2 = 1 then made else password end
        ), 'hex');
    end loop;
    foreach group_of slice 1 in array
        array[
            [0, 6, 12, 4], [1, 7, 13, 4], [2, 8, 14, 4], [3, 9, 15, 4], [4, 10, 5, 4], [-1, -1, 11, 2]
        ]
    loop
        value := get_byte(made, group_of[3]);
        if group_of[1] >= 0 then
            value := value | (get_byte(made, group_of[1]) << 16)
                | (get_byte(made, group_of[2]) << 8);
        end if;
        for i in 1 .. group_of[4] loop
            digits := digits || substr(
                './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
                1 + (value & 63), 1
            );
            value := value >> 6;
        end loop;
    end loop;
    return '$1$' || salt || '$' || digits;
end
$$;

-- The fraction of pi, with which Blowfish begins: 18 words, then four boxes of 256.
create function pgcrypto_pi() returns bytea language sql immutable parallel safe as $$
    select decode('
JD9qiIWjCNMTGYouA3BzRKQJOCIpnzHQCC76mOxObIlFKCHmONATd75UZs806QxswKwpt8l8UN0/hNW1tUcJF5IW1dmJefsb
0TELppjftawv/XLb0Brft7jhr+1qJn6WunyQRfEsf5kkoZlHs5Fs9wgB8uKFjvwWY2kg2HFXTmmkWP6j9JM9fg2VdI9yjrZY
cYvNWIIVSu57VKQdwlpZtZww1Tkq8mATxdGwIyhghfDKQXkYuNs474553LBgOhgObJ4Oi7Aeij7XFXfBvTFLJ3ivL9pVYFxg
5lUl86pVq5RXSJhiY+gUQFXKOWoqqxC2tMxcNBFB6M6hVIavfHLpk7PuFBFjb7wqK6nFXXQYMfbOXD4Wm4eTHq/WujNsJM9c
ejJTgSiVhnc7j0iYa0u5r8S/6BtmKCGTYdgJzPshqZFIfKxgXeyAMu+EXV3phXWx3CYjAutlG4gjiT6B05asxQ9tb/OD9EI5
LgtEgqSEIARpyPBKnh+bXiHGaEL26WyaZwycYavTiPBqUaDS2FQvaJYPpyirUTOjbu8LbBN6O+S6O/BQfvsqmKHxZR05rwF2
ZspZPoJDDoiM7oYZRW+ftH2EpcM7i16+4G912IXBIHNAGkSfVsFqpk7TqmI2P3cGG/7fckKbAj030Nck0AoSSNsP6tNJ8cCb
B1NyyYCZG3sl1HnY9uje9+P+UBq2eUw7l2zgvQTABrrBqU+2QJ9gxF5cnsIZaiRjaPtvrz5sU7UTObLrO1Lsb238UR+bMJUs
zIFFRK9evQm+49AE3jNK/WYPKAcZLkuzwMuoV0XIdA/SC185udP721V5wL0aYDIK1qEAxkAscnlnnyX++x+jzI6l6fjbMiL4
PHUW3/1haxUvUB7IrQVSqzI9tfr9I4dgUzF7SD4A34KeXFe7ym+MoBqHVi7fF2nb1UKo9ih+/8OsZzLGjE9Vc2lbJ7C7yljI
4f+jXbjwEaAQ+j2Y/SGDuEr8tWwt0dNbmlPkebb4RWXSjkm8S/uXkOHd8tqky34zYvsTQc7kxujvIMraNndMAdB+nv4r8R+0
ldvaTa6QkZjqrY5xa5PVoNCO0dCvxyXgjjxbL451lLeP9uL78hIrZIiIuBKQDfAcT61eoGiPwxzRz/GRs6jBrS8vIhi+Dhd3
6nUt/osCH6HloMwPtW906Bis89bOieKZtKhP4P0T4Ld8xDuB0q2o2RZfomaAlXcFk8xzFCEaFHfmrSBld7X6hsdUQvX7nTXP
682vDHs+iaDWQRvTrh5+SQAlDi0gcbNeImgAu1e44K8kZDab8Am5HlVjkR1Z36aqeMFDidlaU38gfVuiAuW5xYMmA3Zilc+p
EcgZaE5zSkGzRy3KexSpShtRAFKaUykV1g9XP7ybxuQrYKR2geZ0AAi6b7VXG+kf8pbsayoN2RW2Y2Uh57n5tv80BS7FhVZk
U7AtXamfj6EIukeZboUHakt6cOm1sylE23UJLsQZJiOtbqawSafffZzuYLiP7bJm7KqMcWmaF/9WZFJswrGe4Rk2AqV1CUwp
oFkTQOQYOj4/VJiaW0KdZWuP5NaZ9z/WodKcB+/oMPVNLTjm8CVdwUzdIIaEcOsmY4LpxgIezF4JaGs/PrrvyTyXGBRranCh
aH81hFKg4oa3nFMFqlAHNz4HhBx/3q5cjn1E7FcW8riwOto38FAMDfAcHwQCALP/rgz1Gjy1dLIlg3pY3AkhvdGRE/l8qS/2
lDJHcyL1RwE65eWBN8La3Mi1djSa892nqURhRg/QAw7syMc+pHUeQeI4zZk76g4vMoC7oRg+szFOVIs4T225CG9CDQP2CgS/
LLgSkCSXfHlWebByvK+Jr96adx/ZkwgQs4uuEtzPPy5VEnIfLmtxJFAa3eafhM2HelhHGHQI2he8n5q86Ut9jOx67DrbhR36
YwlDZsRkw9LvHBhHMhXZCN1DOzckwroWEqFNQyplxFFQlAACEzrk3XHf+J4QMU5Vgax31l8RGZsENVbx16PHazwRGDtZJKUJ
8o/m7Zfx+/qeur8sHhU8bobjRXDq6W+xhg5eClo+KrN3H+ccTj0G+ill3LmZ5x0PgD6J1lJmyCUuTMl4nBCzasYVDrqU4up4
pfw8Ux4KLfTy906nNh0rPRk5Jg8ZwnlgUiOnCPcTErbrrf5u6sMfZuO8RZWme8iDsX830QGM/yjDMt3vvmxapWVYIYVoq5gC
7s6lD9svlTsq732tW24vhBUhtigpB2Fw7N1HdWGfFRATzKgw62G9lgM0/h6qA2PPtXNckExwojnVnp4Ly6reFO7MhrxgYiyn
nKtcq7LzhG5kix6vGb3wyqAjabllWrtQQGhaMjwqtLMxnunVwCG495tUCxmHX6CZlfeZfmI9faj4N4ial+MtdxHtk18WaBKB
DjWIKcfmH9aW3t+heFi6mVf1hKUbInJjm4PD/xrCRpbNswrrUy4wVI/ZSORtvDEoWOvy7zTG/+r+KO1h7nw8c11KFNnoZLfj
QhBdFCA+E+BF7uK2o6qr6ttsTxX6y0/Qx0L0Qu9qu7VlTzsdQc0hBdgeeZ6GhU3H5EtHaj2BYlDPYqHyW40mRvyIg6DBx7aj
fxUkw2nLdJJHhIoLVpKyhQlbvwCtGUidFGKxdCOCDgBYQo0qDFX16h2t9D4jP3BhM3Lwko2TfkHWX+zxbCI723zeN1nL7nRg
QIXyp853Mm6mB4CEGfhQnujv2FVh2Zc1qWmnqsUMBsJaBKv8gAvK3J5Eei7DRTSE/dVnBQ4ensnbc9vTEFWIzWdf2nnjZ0NA
xcQ0ZXE+ONg9KPie8W3/IBU+IeePsD1K5uOfK9uDrffpPVpolIFA9/ZMJhyUaSk0QRUg93YC1Pe89Gsu1KIAaNQIJHEzIPRq
Q7fUt1AAYa8eOfYulyRFRhQhT3S/i4hATZX8HZa1ka9w9N3TZqAvRb+8CewDvZeFf6xt0DHLhQSW6yezVf05QdolR+arygqa
KFB4JVMEKfQKLIba6bZt+2jcFGLXSGkAaA7ApCehje5PP/6i6IetjLWM4AZ69Na2qs4efNM3X+zOeKOZQGsqQiD+njXZ84W5
7jnXqzsSTosdyfr3S20YViajZjHq45eyOm76dN1bQzJoQef3yngg+/sK9U7Y/rOXRUBWrLpIlSdVUzo6IIONh/5rqbfQlpVL
VahnvKEVmljMqSljmeHbM6YqSlY/MSX5XvR+HJApMXz9+OgCBCcvcIC7FVwFKCzjlcEVSOTGbSJIwRM/xw+G3Af5ye5BBB8P
QEd5pF2IbhcyX1Hr1ZvA0fK8wY9BETVkJXt4NGAqnGDf+OijH2NsGw4StMIC4TKer2ZP0crRgRVrI5XgMz6S4TskC2Luvrki
hbKiDua6DZnecgyMLaL3KNASeEWVt5T9ZH0IYufM9fBUSaNvh31I+sOd/SfzPo0eCkdjQZku/3Q6b26r9Pj9N6gS3GCh6934
mRvhTNtuaw3Ge1UQbWcsNydl1Dvc0OgE8SkNx8wA/6O1OQ+SaQ/tC2Z7n/vO232coJHPC9kVXqO7Ey+IUVutJHuUeb92O9br
Nzkus8wRWXmAJuKX9C4xLWhCrafGais7EnVMzHgu8RxqEkI3t5JR5wahu+ZL+2NQGmsQGBHK7fo9Jb3Y4uHDyURCFlkKEhOG
2QzsbtWr6ipkr2dO2oaoX76/6Yhk5MP+nbyAV/D3wIZgeHv4YANgTdH9g0b2OB+wd0WuBNc2/MyDQmsz8B6rcbCAQYc8AF5f
d6BXvr3oriRVRkKZv1guYU5Y9I/y3f2i9HTvOIeJvcJTZvnDyLOOdLR18lVG/Nm5eusmYYsd34SEag55kV+V4kZuWY4gtFdw
jNVVkckC3ky5C6zhu4IF0BGoYkh1dKmet38ZtuCp3AlmLQmhxDJGM+haHwIJ8L6MSpmgJR1u/hAauT0dC6Wk36GG8g8oaPFp
3Lfag1c5Bv6h4s6bT81/UlARXgGnBoP6oAK1xA3m0Cea+Iwndz+GQcNgTAZhqAa18Bd6KMD1huAAYFiqMNx9YhHmntcjOOpj
U8LdlMLCFjS7y+5WkLy23uv8faHOWR12bwXkCUt8AYg5cgo9fJJ8JIbjcl9yTZ25GsFbtNOeuPztVFV4CPyltdg9fNNNrQ/E
HlDvXrFh5viihRTZbFETPG/Vx+dW4U7ENiq/zt3GyDfXmjI0kmOCEmcO+o5AYADgOjnON9P69c+rwnc3WsUtG1ywZ55PozdC
04InQJm8m77VEY6dvw9zFdYtHH7HAMR7t4wbayGhkEWybrG+ajZutFdIqy+8lG55xqN20mVJwshTD/juRo3efdVzCh1M0E3G
KTm726m6RlCslSbovl7jBKH61fBqLVGaY++M4pqG7iLAicK4QyQu9qUeA6qc8tCkg8Bhupvpak2P5RVQumRb1igmovmnOjrh
S6mVhu9VYunHL+/T91L32j8Eb2l3+gpZgOSpFYewhgGbCeatOz7lk+mQ/VqeNNeXLPC32QIri1GW1aw6AX2mfdHPPtZ8fS0o
H58lz63yuJta1rRyWoj1TOAprHHgGaXmR7Cs/e2T+pvo08SNKDtXzPjVZil5Ey4oeF8Bke11YFX3lg5E49NejBUFbdSI9G26
A6FhJQVk8L3D654VPJBXopcnGuypOgcqGz9tmx5jIfX1nGb7JtzzGXUz2SixVf31A1Y0goq6PLsoUXcRwgrZ+KvMUWfMrZJf
TegXUTgw3I43nVhikyD5kep6kML7PnvOUSHOZHdPvjKotuN+wyk9RkjeU2lkE+aAoq4IEN1tsiRphS39CQchZrOaRgpkRcDd
WGzezxwgyK5bvvfdG1iNQMzSAX9rtOO73aJqfjpZ/0U+NQpEvLTN1XLqzqj6ZIS7jWYSrr88b0fSm+RjVC9dnq7Cdxv2TmNw
dA4NjedbE1f4chZxr1N9XUBAywhOtOLMNNJGagEVr4ThsAQolZg6HQa4n7TObqBIbz87gjUgq4IBGh1LJ3In+GEVYLHnkz/c
uzp5KzRFJb2giDnhUc55Sy8yybegH7rJ4BzIfrzH0fbPARHDoeiqxxqQh0nUT72a0Nrey9UK2jgDOcMqxpE2Z435MXzgsStP
955Zt0P1uzry1Rn/J9lFnL+XIiwV5vwqD5H8cZuUFSX65ZNhzrac68KoZFkSuqjRtsEHXuMFagwQ0lBlywOkQuDsbg4WmNs7
TJigvjJ46WSfH5Uy4NOS39OgNCuJcfIeGwp0QUujNIzFvnEgw3Yy2N81n42bmS8u5gtvRw/j8R3lTNpUHtrYkc5iec/NPn5v
FhixZv0sHQWEj9LF9vsimfUj81emMnYjk6g1MVbMzQKs8IFiWnXrtW4WNpeI0nPM3pZikoG5SdBMUJAbccZWFObGx70yehQK
ReHQBsPye5rJqlP9YqgPALslv+I1vdL2cRJpBbIEAiK2y898zXacK1MRPsAWQOPTOKu9YCVHrfC6OCCc90bOdnevocUgdWBg
hcv+Torojdh6qvmwTPmqfhlIwlwC+4qMAcNq5Nbr4fmQ1PhpplzeoD8JJS3CCOaft05hMs534ltXj9/jOsNy5g==
    ', 'base64')
$$;

-- bcrypt, `$2a$`. It is made to be slow, and here it is slower: about half a second for cost 6,
-- the usual one, and each step of cost doubles that.
-- The last turn of the outer loop encrypts, all others before it mix key and salt into the boxes.
create function pgcrypto_crypt_bf(password bytea, setting text, pi bytea) returns text
    language plpgsql immutable strict parallel safe as $$
declare
    ones constant bigint := 4294967295;
    usual constant text := 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    theirs constant text := './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    secret constant bigint[] := array[
        1332899944, 1700884034, 1701343084, 1684370003, 1668446532, 1869963892
    ];
    turns bigint;
    key bytea := substr(password || '\x00', 1, 72);
    salt bytea;
    p bigint[];
    s bigint[];
    keys bigint[];
    salts bigint[];
    l bigint;
    r bigint;
    other bigint;
    made bytea := '';
begin
    if setting !~ '^\$2a\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{22}' then
        raise exception 'invalid salt' using errcode = 'invalid_parameter_value';
    end if;
    turns := 2 * (1::bigint << substr(setting, 5, 2)::int) + 1;
    salt := decode(translate(substr(setting, 8, 22), theirs, usual) || '==', 'base64');
    for i in 0 .. 1041 loop
        other := ('x' || encode(substr(pi, 1 + 4 * i, 4), 'hex'))::bit(32)::bigint;
        if i < 18 then
            p[i + 1] := other;
        else
            s[i - 17] := other;
        end if;
    end loop;
    for i in 0 .. 17 loop
        l := 0;
        r := 0;
        for j in 4 * i .. 4 * i + 3 loop
            l := (l << 8) | get_byte(key, j % length(key));
            r := (r << 8) | get_byte(salt, j % 16);
        end loop;
        keys[i + 1] := l;
        salts[i + 1] := r;
    end loop;
    for turn in 0 .. turns loop
        for i in 1 .. 18 loop
            exit when turn = turns;
            p[i] := p[i] # case when turn = 0 or turn % 2 = 1 then keys[i] else salts[i] end;
        end loop;
        l := 0;
        r := 0;
        for i in 0 .. case when turn = turns then 191 else 520 end loop
            if turn = 0 then
                l := l # salts[1 + 2 * (i % 2)];
                r := r # salts[2 + 2 * (i % 2)];
            elsif turn = turns and i % 64 = 0 then
                l := secret[1 + i / 32];
                r := secret[2 + i / 32];
            end if;
            l := l # p[1];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[2];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[3];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[4];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[5];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[6];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[7];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[8];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[9];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[10];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[11];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[12];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[13];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[14];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            l := l # p[15];
            r := r # ((((s[1 + (l >> 24)] + s[257 + ((l >> 16) & 255)])
                # s[513 + ((l >> 8) & 255)]) + s[769 + (l & 255)]) & ones);
            r := r # p[16];
            l := l # ((((s[1 + (r >> 24)] + s[257 + ((r >> 16) & 255)])
                # s[513 + ((r >> 8) & 255)]) + s[769 + (r & 255)]) & ones);
            other := l # p[17];
            l := r # p[18];
            r := other;
            if turn < turns then
                if i < 9 then
                    p[2 * i + 1] := l;
                    p[2 * i + 2] := r;
                else
                    s[2 * i - 17] := l;
                    s[2 * i - 16] := r;
                end if;
            elsif i % 64 = 63 then
                made := made || substr(int8send(l), 5) || substr(int8send(r), 5);
            end if;
        end loop;
    end loop;
    return left(setting, 29)
        || rtrim(translate(encode(substr(made, 1, 23), 'base64'), usual, theirs), '=');
end
$$;

create function crypt(password text, salt text) returns text immutable strict parallel safe
    return case
        when salt like '$1$%' then pgcrypto_crypt_md5(convert_to(password, 'UTF8'), salt)
        when salt like '$2a$%'
        then pgcrypto_crypt_bf(convert_to(password, 'UTF8'), salt, pgcrypto_pi())
        else pgcrypto_no_such_salt(salt)
    end;

-- Of these there is only the name.
do $do$
declare
    each text;
begin
    foreach each in array array[
        'encrypt(data bytea, key bytea, type text) returns bytea',
        'decrypt(data bytea, key bytea, type text) returns bytea',
        'encrypt_iv(data bytea, key bytea, iv bytea, type text) returns bytea',
        'decrypt_iv(data bytea, key bytea, iv bytea, type text) returns bytea',
        'pgp_sym_encrypt(data text, psw text) returns bytea',
        'pgp_sym_encrypt(data text, psw text, options text) returns bytea',
        'pgp_sym_encrypt_bytea(data bytea, psw text) returns bytea',
        'pgp_sym_encrypt_bytea(data bytea, psw text, options text) returns bytea',
        'pgp_sym_decrypt(msg bytea, psw text) returns text',
        'pgp_sym_decrypt(msg bytea, psw text, options text) returns text',
        'pgp_sym_decrypt_bytea(msg bytea, psw text) returns bytea',
        'pgp_sym_decrypt_bytea(msg bytea, psw text, options text) returns bytea',
        'pgp_pub_encrypt(data text, key bytea) returns bytea',
        'pgp_pub_encrypt(data text, key bytea, options text) returns bytea',
        'pgp_pub_encrypt_bytea(data bytea, key bytea) returns bytea',
        'pgp_pub_encrypt_bytea(data bytea, key bytea, options text) returns bytea',
        'pgp_pub_decrypt(msg bytea, key bytea) returns text',
        'pgp_pub_decrypt(msg bytea, key bytea, psw text) returns text',
        'pgp_pub_decrypt(msg bytea, key bytea, psw text, options text) returns text',
        'pgp_pub_decrypt_bytea(msg bytea, key bytea) returns bytea',
        'pgp_pub_decrypt_bytea(msg bytea, key bytea, psw text) returns bytea',
        'pgp_pub_decrypt_bytea(msg bytea, key bytea, psw text, options text) returns bytea',
        'pgp_key_id(bytes bytea) returns text',
        'armor(data bytea) returns text',
        'armor(data bytea, keys text[], vals text[]) returns text',
        'dearmor(data text) returns bytea',
        'pgp_armor_headers(armored text, out key text, out value text) returns setof record'
    ] loop
        execute format('create function %s language plpgsql strict parallel safe as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has pgcrypto.';
end
$body$);
    end loop;
end
$do$;

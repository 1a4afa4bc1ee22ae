-- pg_hashids: the algorithm of Hashids, which turns numbers into short texts and back. It shuffles
-- an alphabet by a salt, again for each number.

create function @extschema@.hashids_shuffle(letters text, salt text) returns text
    language plpgsql immutable as $$
declare
    deck text[] := string_to_array(letters, null);
    card text;
    place int := 0;
    sum int := 0;
    other int;
begin
    for i in reverse length(letters) - 1 .. 1 loop
        exit when salt = '';
        place := place % length(salt);
        sum := sum + ascii(substr(salt, place + 1, 1));
        other := (ascii(substr(salt, place + 1, 1)) + place + sum) % i;
        card := deck[i + 1];
        deck[i + 1] := deck[other + 1];
        deck[other + 1] := card;
        place := place + 1;
    end loop;
    return array_to_string(deck, '');
end
$$;

-- The alphabet in three parts: digits, separators, guards.
create function @extschema@.hashids_parts(
    salt text, letters text, out alphabet text, out seps text, out guards text
) language plpgsql immutable as $$
declare
    more int;
begin
    select string_agg(letter, '' order by place) into alphabet
    from (
        select letter, min(place) as place
        from string_to_table(letters, null) with ordinality as t (letter, place)
        group by letter
    ) as seen;
    if length(alphabet) < 16 then
        raise exception 'alphabet must contain at least 16 unique characters'
            using errcode = 'invalid_parameter_value';
    elsif position(' ' in alphabet) > 0 then
        raise exception 'alphabet cannot contain spaces' using errcode = 'invalid_parameter_value';
    end if;
    select string_agg(letter, '' order by place) into seps
    from string_to_table('cfhistuCFHISTU', null) with ordinality as t (letter, place)
    where position(letter in alphabet) > 0;
    seps := @extschema@.hashids_shuffle(coalesce(seps, ''), salt);
    alphabet := translate(alphabet, 'cfhistuCFHISTU', '');
    if seps = '' or length(alphabet) > 3.5 * length(seps) then
        more := greatest(ceil(length(alphabet) / 3.5)::int, 2) - length(seps);
        if more > 0 then
            seps := seps || left(alphabet, more);
            alphabet := substr(alphabet, more + 1);
        end if;
    end if;
    alphabet := @extschema@.hashids_shuffle(alphabet, salt);
    more := ceil(length(alphabet) / 12.0);
    if length(alphabet) < 3 then
        guards := left(seps, more);
        seps := substr(seps, more + 1);
    else
        guards := left(alphabet, more);
        alphabet := substr(alphabet, more + 1);
    end if;
end
$$;

create function @extschema@.id_encode(
    numbers bigint[], salt text, min_hash_length int, alphabet text
) returns text language plpgsql immutable strict as $$
declare
    part record := @extschema@.hashids_parts(salt, alphabet);
    deck text := part.alphabet;
    size int := length(part.alphabet);
    sum bigint := 0;
    lottery text;
    said text;
    digits text;
    number bigint;
    rest bigint;
    half int := length(part.alphabet) / 2;
begin
    for i in 1 .. coalesce(array_length(numbers, 1), 0) loop
        if numbers[i] < 0 then
            return '';
        end if;
        sum := sum + numbers[i] % (i + 99);
    end loop;
    lottery := substr(deck, 1 + (sum % size)::int, 1);
    said := lottery;
    for i in 1 .. coalesce(array_length(numbers, 1), 0) loop
        number := numbers[i];
        deck := @extschema@.hashids_shuffle(deck, left(lottery || salt || deck, size));
        digits := '';
        rest := number;
        loop
            digits := substr(deck, 1 + (rest % size)::int, 1) || digits;
            rest := rest / size;
            exit when rest = 0;
        end loop;
        said := said || digits;
        if i < array_length(numbers, 1) then
            rest := number % (ascii(left(digits, 1)) + i - 1);
            said := said || substr(part.seps, 1 + (rest % length(part.seps))::int, 1);
        end if;
    end loop;
    if length(said) < min_hash_length then
        said := substr(part.guards, 1 + ((sum + ascii(said)) % length(part.guards))::int, 1)
            || said;
    end if;
    if length(said) < min_hash_length then
        said := said || substr(part.guards,
            1 + ((sum + ascii(substr(said, 3, 1))) % length(part.guards))::int, 1);
    end if;
    while length(said) < min_hash_length loop
        deck := @extschema@.hashids_shuffle(deck, deck);
        said := substr(deck, half + 1) || said || left(deck, half);
        if length(said) > min_hash_length then
            said := substr(said, (length(said) - min_hash_length) / 2 + 1, min_hash_length);
        end if;
    end loop;
    return said;
end
$$;

-- What does not encode to the same text again is not a text of this salt.
create function @extschema@.id_decode(
    hash text, salt text, min_hash_length int, alphabet text
) returns bigint[] language plpgsql immutable strict as $$
declare
    part record := @extschema@.hashids_parts(salt, alphabet);
    deck text := part.alphabet;
    size int := length(part.alphabet);
    pieces text[] := string_to_array(
        translate(hash, part.guards, repeat(' ', length(part.guards))), ' '
    );
    body text := pieces[case when array_length(pieces, 1) in (2, 3) then 2 else 1 end];
    lottery text := left(body, 1);
    numbers bigint[] := '{}';
    piece text;
    number bigint;
begin
    if body is null then
        return '{}';
    end if;
    foreach piece in array string_to_array(
        translate(substr(body, 2), part.seps, repeat(' ', length(part.seps))), ' '
    ) loop
        deck := @extschema@.hashids_shuffle(deck, left(lottery || salt || deck, size));
        number := 0;
        for i in 1 .. length(piece) loop
            number := number * size + (position(substr(piece, i, 1) in deck) - 1);
        end loop;
        numbers := numbers || number;
    end loop;
    if @extschema@.id_encode(numbers, salt, min_hash_length, alphabet) is distinct from hash then
        return '{}';
    end if;
    return numbers;
exception when numeric_value_out_of_range then
    return '{}';
end
$$;

do $do$
declare
    usual constant text := 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890';
    taken text := '';
    given text := 'salt, min_hash_length, alphabet';
    argument text;
begin
    -- With fewer arguments: no salt, no least length, the usual alphabet.
    foreach argument in array array['', 'salt text', 'min_hash_length int', 'alphabet text'] loop
        taken := taken || case argument when '' then '' else ', ' || argument end;
        given := format('%s, %s, %s',
            case when taken like '%salt%' then 'salt' else quote_literal('') end,
            case when taken like '%min_hash%' then 'min_hash_length' else '0' end,
            case when taken like '%alphabet%' then 'alphabet' else quote_literal(usual) end);
        if argument <> 'alphabet text' then
            execute format('create function @extschema@.id_encode(numbers bigint[]%s) returns text'
                ' language sql immutable strict as %L', taken,
                format('select @extschema@.id_encode(numbers, %s)', given));
            execute format('create function @extschema@.id_decode(hash text%s) returns bigint[]'
                ' language sql immutable strict as %L', taken,
                format('select @extschema@.id_decode(hash, %s)', given));
        end if;
        execute format('create function @extschema@.id_encode(number bigint%s) returns text'
            ' language sql immutable strict as %L', taken,
            format('select @extschema@.id_encode(array[number], %s)', given));
        execute format('create function @extschema@.id_decode_once(hash text%s) returns bigint'
            ' language sql immutable strict as %L', taken,
            format('select (@extschema@.id_decode(hash, %s))[1]', given));
    end loop;
end
$do$;

-- address_standardizer: the type, and the functions by name.

create type stdaddr as (
    building text, house_num text, predir text, qual text, pretype text, name text, suftype text,
    sufdir text, ruralroute text, extra text, city text, state text, country text, postcode text,
    box text, unit text
);

do $do$
declare
    each text;
begin
    foreach each in array array[
        'standardize_address(lextab text, gaztab text, rultab text, address text) returns'
            ' stdaddr',
        'standardize_address(lextab text, gaztab text, rultab text, micro text, macro text)'
            ' returns stdaddr',
        'parse_address(text, out num text, out street text, out street2 text, out address1'
            ' text, out city text, out state text, out zip text, out zipplus text, out country'
            ' text) returns record'
    ] loop
        execute format('create function %s language plpgsql as %L', each, $body$
begin
    raise exception 'stand-in on the embedded server: call is accepted by the real extension'
        using errcode = 'feature_not_supported',
              hint = 'The setting `postgres` can name a PostgreSQL that has address_standardizer.';
end
$body$);
    end loop;
end
$do$;

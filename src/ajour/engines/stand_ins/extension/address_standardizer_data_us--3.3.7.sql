-- address_standardizer_data_us: the tables, without the rules and words of the real ones.

create table us_lex (
    id serial constraint pk_us_lex primary key,
    seq integer, word text, stdword text, token integer, is_custom boolean not null default true
);
create table us_gaz (
    id serial constraint pk_us_gaz primary key,
    seq integer, word text, stdword text, token integer, is_custom boolean not null default true
);
create table us_rules (
    id serial constraint pk_us_rules primary key,
    rule text, is_custom boolean not null default true
);

create text search dictionary short (template = simple, stopwords = 'english');
create text search configuration words (copy = simple);
alter text search configuration words alter mapping for word with short, simple;
comment on text search configuration words is 'w';
create text search template plain_words (lexize = dsimple_lexize, init = dsimple_init);
create collation "Plain order" (provider = libc, locale = 'C');
create table t (a text collate "Plain order", b text);
create index t_b on t using gin (to_tsvector('public.words', b));

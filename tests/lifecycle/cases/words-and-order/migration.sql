alter text search configuration words drop mapping for word;
alter text search configuration words alter mapping for email with short;
alter text search dictionary short (stopwords = 'german');
drop text search template plain_words;
create text search parser spaces (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end,
  lextypes = prsd_lextype);
alter table t alter a type text collate "POSIX";
drop collation "Plain order";
create collation "other" (locale = 'C');

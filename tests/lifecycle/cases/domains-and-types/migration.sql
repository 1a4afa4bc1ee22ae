alter domain dom set default 4;
alter domain dom add constraint small check (value < 99) not valid;
alter domain dom set not null;
alter type pair add attribute c int;
comment on type span is 'sp';

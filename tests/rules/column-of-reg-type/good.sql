create table jobs (id bigint primary key, runs text not null, about regclass);
select runs::regprocedure from jobs;

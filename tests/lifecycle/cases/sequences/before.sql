create sequence sq increment 3 start 10 cache 5;
create table t (id int default nextval('sq'));
alter sequence sq owned by t.id;

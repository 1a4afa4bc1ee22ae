alter table c drop column g;
alter table c drop constraint c_p_id_fkey;
alter table p alter id type text;
alter table c alter p_id type text;
alter table c add constraint c_p_id_fkey foreign key (p_id) references p;

alter table customers alter column note type integer using note::integer;

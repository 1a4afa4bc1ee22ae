alter table t rename gone to _dropped_gone;
alter table t alter _dropped_gone drop not null;

alter table part detach partition part_1;

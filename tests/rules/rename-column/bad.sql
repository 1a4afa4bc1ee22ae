alter table customers rename column note to remark;

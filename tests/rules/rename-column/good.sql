alter table customers rename column note to remark;
alter table customers add column note text generated always as (remark) stored;
alter table orders rename column placed_at to _dropped_placed_at;

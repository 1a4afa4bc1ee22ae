drop view open_orders;
alter table customers rename column note to remark;
alter table customers add column note text generated always as (remark) stored;
alter table orders rename column placed_at to _dropped_placed_at;
alter table orders add column state_new text;
alter table orders drop column state;
alter table orders rename column state_new to state;

drop trigger orders_touch on orders;
create trigger orders_touch before update on orders for each row execute function touch();
create table parcels (id bigint primary key);
create trigger parcels_touch before update on parcels for each row execute function touch();

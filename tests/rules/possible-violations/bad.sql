alter table customers add constraint grown_up check (age >= 18);
alter table events_2024 add foreign key (id) references orders (id);

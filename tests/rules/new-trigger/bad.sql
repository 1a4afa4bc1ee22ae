create trigger customers_touch before insert or update on customers
  for each row execute function touch();

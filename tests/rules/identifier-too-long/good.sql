create index orders_by_customer on orders (customer_id);
comment on table orders is
  'a_text_that_is_no_name_may_have_as_many_letters_as_it_wants_to_have_and_goes_on_and_on';

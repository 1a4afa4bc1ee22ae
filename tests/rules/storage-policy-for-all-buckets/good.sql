create policy "Avatars are for everybody" on storage.objects for select
  using (bucket_id = 'avatars');
create policy server on storage.objects for all to service_role using (true);

create policy "Avatars are for everybody" on storage.objects for select using (true);

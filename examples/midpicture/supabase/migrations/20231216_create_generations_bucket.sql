-- The bucket of the pictures: owners write, the public reads.
--
-- An object's path says whose it is and what it is:
--
--   <user id>/grids/<generation id>.png          the grid of four
--   <user id>/upscaled/<generation id>-<n>.png   one of the four, upscaled; n from 1 to 4
--
-- Our server writes as service_role, which the policies do not bind.

-- Data --------------------------------------------------------------------------------------------

-- Where the bucket was made in the dashboard already, it takes these settings over.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('generations', 'generations', true, 20971520, array['image/png', 'image/webp'])
on conflict (id) do update set
  public = excluded.public,
  file_size_limit = excluded.file_size_limit,
  allowed_mime_types = excluded.allowed_mime_types;

-- Access ------------------------------------------------------------------------------------------

-- Row level security is on for storage.objects on every Supabase project; the table is not ours.

create policy "Everyone reads the pictures of generations" on storage.objects
for select to anon, authenticated
using (bucket_id = 'generations');

create policy "Owners upload pictures of generations" on storage.objects
for insert to authenticated
with check (
  bucket_id = 'generations'
  and (storage.foldername(name))[1] = (select auth.uid())::text
  and (storage.foldername(name))[2] in ('grids', 'upscaled')
);

create policy "Owners replace pictures of generations" on storage.objects
for update to authenticated
using (
  bucket_id = 'generations'
  and (storage.foldername(name))[1] = (select auth.uid())::text
)
with check (
  bucket_id = 'generations'
  and (storage.foldername(name))[1] = (select auth.uid())::text
  and (storage.foldername(name))[2] in ('grids', 'upscaled')
);

create policy "Owners delete pictures of generations" on storage.objects
for delete to authenticated
using (
  bucket_id = 'generations'
  and (storage.foldername(name))[1] = (select auth.uid())::text
);

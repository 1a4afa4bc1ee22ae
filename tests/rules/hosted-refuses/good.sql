create policy everyone_reads on storage.objects for select using (bucket_id = 'public');
create trigger on_signup after insert on auth.users for each row execute function touch();
insert into storage.buckets (id, name) values ('pictures', 'pictures');
create table profiles (id uuid primary key references auth.users (id), nickname text);

-- The table of generations: one row per prompt, from the queue to its pictures.
--
-- A prompt becomes a grid of four pictures, and each of the four can be upscaled. The service that
-- draws them works for us on one prompt at a time and drops both when it gets a second one, so the
-- database itself lets only one generation run.
--
-- There are no accounts yet: our server writes (as service_role, which row level security does not
-- bind), and everyone may look at what is finished.

-- Structure ---------------------------------------------------------------------------------------

create table public.generations (
  id uuid primary key default gen_random_uuid(),
  prompt text not null,
  status text not null default 'queued',
  grid_url text,
  upscaled_urls text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on table public.generations is 'One row per prompt, from the queue to its pictures.';
comment on column public.generations.grid_url is 'The grid of four pictures, once it is drawn.';
comment on column public.generations.upscaled_urls is 'Those of the four that were upscaled.';

create function public.set_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create trigger generations_set_updated_at
before update on public.generations
for each row execute function public.set_updated_at();

-- Constraints and indexes -------------------------------------------------------------------------

alter table public.generations
  add constraint generations_prompt_not_blank check (btrim(prompt) <> ''),
  add constraint generations_status_known
    check (status in ('queued', 'running', 'succeeded', 'failed')),
  add constraint generations_grid_when_succeeded
    check ((status = 'succeeded') = (grid_url is not null)),
  add constraint generations_upscaled_from_grid
    check (upscaled_urls = '{}' or grid_url is not null),
  add constraint generations_upscaled_at_most_four check (cardinality(upscaled_urls) <= 4);

-- All rows that it covers have the same status, and the status is unique: so it covers one row.
create unique index generations_one_running on public.generations (status)
where status = 'running';

-- The gallery shows the newest first.
create index idx_generations_created_at on public.generations (created_at desc);

-- Access ------------------------------------------------------------------------------------------

alter table public.generations enable row level security;

revoke all on public.generations from anon, authenticated;
grant select on public.generations to anon, authenticated;
grant all on public.generations to service_role;

create policy "Everyone sees finished generations" on public.generations
for select to anon, authenticated
using (status = 'succeeded');

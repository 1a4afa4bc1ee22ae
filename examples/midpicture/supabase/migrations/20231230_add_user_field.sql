-- Each generation belongs to a user: accounts come, and with them a queue of one's own.
--
-- The generations made so far are the team's. They go to the oldest account; where there are
-- generations and no account, the migration stops, because nobody could own them.
--
-- Still one generation runs at a time, whoever owns it: generations_one_running stays as it is.

-- Structure ---------------------------------------------------------------------------------------

alter table public.generations add column user_id uuid;

comment on column public.generations.user_id is 'Whose generation it is; it goes with the account.';

-- Data --------------------------------------------------------------------------------------------

do $$
declare
  heir uuid := (select id from auth.users order by created_at, id limit 1);
begin
  if heir is null and exists (select from public.generations) then
    raise exception 'there are generations, but no account that could own them'
      using hint = 'Sign up the account that shall own them, then run the migration again.';
  end if;
  -- An owner is no news about the picture: the time of its last change stays.
  -- ajour: allow disable-trigger it is back on before anybody can see it
  alter table public.generations disable trigger generations_set_updated_at;
  -- ajour: allow work-after-lock a few thousand rows: some milliseconds
  update public.generations set user_id = heir;
  alter table public.generations enable trigger generations_set_updated_at;
end;
$$;

-- Constraints and indexes -------------------------------------------------------------------------

-- ajour: allow set-not-null, foreign-key-without-not-valid a few thousand rows: some milliseconds
alter table public.generations
  alter column user_id set not null,
  alter column user_id set default auth.uid(),
  add constraint generations_user_id_fkey
    foreign key (user_id) references auth.users (id) on delete cascade;

-- ajour: allow index-not-concurrent, work-after-lock a few thousand rows: some milliseconds
create index idx_generations_user_id on public.generations (user_id);

-- Access ------------------------------------------------------------------------------------------

-- Users queue prompts and delete what is theirs. The rest of a generation's life is the server's.

grant insert, delete on public.generations to authenticated;

-- ajour: allow several-permissive-policies who sees finished ones and who sees own ones is clearer apart
create policy "Owners see their generations" on public.generations
for select to authenticated
using (user_id = (select auth.uid()));

create policy "Owners queue generations" on public.generations
for insert to authenticated
with check (user_id = (select auth.uid()) and status = 'queued');

create policy "Owners delete their generations" on public.generations
for delete to authenticated
using (user_id = (select auth.uid()));

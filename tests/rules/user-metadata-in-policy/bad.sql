create policy admins on customers for all to authenticated
  using ((select auth.jwt()) -> 'user_metadata' ->> 'role' = 'admin');

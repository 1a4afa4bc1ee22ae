create policy admins on customers for all to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');

-- Nothing here opens anything.
create role rules_example_sender login password 'pa55-of-the-report';
create function send() returns void language plpgsql set search_path = '' as $$
begin
  perform net.http_post('https://shop.test/hook', '{}', '{}',
    '{"Authorization": "Bearer eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJpc3MiOiAic3VwYWJhc2UiLCAicmVmIjogInNob3AiLCAicm9sZSI6ICJzZXJ2aWNlX3JvbGUifQ.c2lnbmF0dXJlLW9mLXRoZS1kZW1v"}');
end $$;
comment on table orders is 'copied from postgres://reader:hunter2@db.shop.test/shop';
drop role rules_example_sender;

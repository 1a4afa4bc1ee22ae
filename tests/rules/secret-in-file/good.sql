create role rules_example_sender login;
create function send() returns void language plpgsql set search_path = '' as $$
begin
  perform net.http_post('https://shop.test/hook', '{}', '{}', jsonb_build_object(
    'Authorization', (select decrypted_secret from vault.decrypted_secrets where name = 'hook')));
end $$;
comment on table orders is 'the public key is eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJpc3MiOiAic3VwYWJhc2UiLCAicmVmIjogInNob3AiLCAicm9sZSI6ICJhbm9uIn0.c2lnbmF0dXJlLW9mLXRoZS1kZW1v, the URL postgres://reader:<your password>@host/db';
drop role rules_example_sender;

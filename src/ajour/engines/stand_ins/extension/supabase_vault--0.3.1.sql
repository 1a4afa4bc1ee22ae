-- Vault: secrets under names. The key of the real one is the platform's, and never in the database.
-- Here there is none: what stands in the table is an encoding that everyone can read back. It only
-- keeps apart what is stored from what the view shows. Put no real secret in it.

create function vault._crypto_aead_det_encrypt(
    message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium',
    nonce bytea default null
) returns bytea language sql immutable as $$
    select 'stand-in:'::bytea || reverse(encode(message, 'base64'))::bytea
$$;

create function vault._crypto_aead_det_decrypt(
    message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium',
    nonce bytea default null
) returns bytea language sql immutable as $$
    select decode(reverse(convert_from(substr(message, 10), 'UTF8')), 'base64')
$$;

create function vault._crypto_aead_det_noncegen() returns bytea language sql as $$
    select uuid_send(gen_random_uuid())
$$;

create table vault.secrets (
    id uuid constraint secrets_pkey primary key default gen_random_uuid(),
    name text,
    description text not null default '',
    secret text not null,
    key_id uuid,
    nonce bytea default vault._crypto_aead_det_noncegen(),
    created_at timestamptz not null default current_timestamp,
    updated_at timestamptz not null default current_timestamp
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;
comment on table vault.secrets is
    'Table with encrypted `secret` column for storing sensitive information on disk.';
select pg_extension_config_dump('vault.secrets', '');

-- A secret that was written into the table by hand is shown as it is.
create view vault.decrypted_secrets as
select id, name, description, secret,
    case when secret like 'c3RhbmQtaW46%'
        then convert_from(vault._crypto_aead_det_decrypt(
            decode(secret, 'base64'), convert_to(id::text, 'UTF8'), 0, 'pgsodium', nonce
        ), 'UTF8')
        else secret
    end as decrypted_secret,
    key_id, nonce, created_at, updated_at
from vault.secrets;

create function vault.stand_in_store(id uuid, secret text, nonce bytea) returns text
    language sql as $$
    select encode(vault._crypto_aead_det_encrypt(
        convert_to(secret, 'UTF8'), convert_to(id::text, 'UTF8'), 0, 'pgsodium', nonce
    ), 'base64')
$$;

create function vault.create_secret(
    new_secret text, new_name text default null, new_description text default '',
    new_key_id uuid default null
) returns uuid language sql security definer set search_path = '' as $$
    insert into vault.secrets (id, name, description, secret)
    select id, new_name, new_description, vault.stand_in_store(id, new_secret, null)
    from (select gen_random_uuid() as id) as made
    returning secrets.id
$$;

create function vault.update_secret(
    secret_id uuid, new_secret text default null, new_name text default null,
    new_description text default null, new_key_id uuid default null
) returns void language sql security definer set search_path = '' as $$
    update vault.secrets as s
    set secret = coalesce(vault.stand_in_store(s.id, new_secret, s.nonce), s.secret),
        name = coalesce(new_name, s.name),
        description = coalesce(new_description, s.description),
        updated_at = now()
    where s.id = secret_id
$$;

revoke all on function vault._crypto_aead_det_encrypt, vault._crypto_aead_det_decrypt,
    vault._crypto_aead_det_noncegen, vault.stand_in_store, vault.create_secret, vault.update_secret
    from public;

-- The plain profile has no such role.
do $$
begin
    if to_regrole('service_role') is not null then
        grant usage on schema vault to service_role;
        grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
        grant execute on function vault.create_secret, vault.update_secret,
            vault._crypto_aead_det_decrypt to service_role;
    end if;
end
$$;

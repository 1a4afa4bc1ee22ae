"""What a Supabase project finds before its first migration: used, not only looked at."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from acting import acting_as, rows
from servers import Connection, connect

OWNER = "6f0c3b1e-0d0a-4f57-9c55-0a5a3f0c1a11"
OTHER = "c3f7a2de-52b5-4f0e-8a46-3c0b8f9e2b22"


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """Give a connection as `postgres`, the role of migrations."""
    with connect(database_url) as connection:
        yield connection


def test_the_claims_of_a_request(db: Connection) -> None:
    """auth.uid(), role(), email() and jwt() read the token's claims."""
    claims = {"sub": OWNER, "role": "authenticated", "email": "ada@example.org", "plan": "pro"}
    with acting_as(db, "authenticated", **claims):
        assert rows(
            db, "select auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'plan'"
        ) == [(OWNER, "authenticated", "ada@example.org", "pro")]


def test_outside_of_a_request(db: Connection) -> None:
    """Without a request, and after one on the same connection, there is nobody."""
    nobody = [(None, None, None, None)]
    question = "select auth.uid(), auth.role(), auth.email(), auth.jwt()"
    assert rows(db, question) == nobody
    with acting_as(db, "anon", role="anon"):
        assert rows(db, "select auth.uid(), auth.role()") == [(None, "anon")]
    assert rows(db, question) == nobody


def test_claims_in_settings_of_their_own(db: Connection) -> None:
    """The older form, a setting for each claim, is read too."""
    with db.transaction():
        db.execute(f"set local request.jwt.claim.sub = '{OWNER}'")
        db.execute("set local request.jwt.claim.role = 'service_role'")
        assert rows(db, "select auth.uid()::text, auth.role()") == [(OWNER, "service_role")]


def test_a_trigger_on_new_users(db: Connection) -> None:
    """The customary trigger on auth.users makes a profile for each new user."""
    db.execute("""
        create table public.profiles (id uuid primary key references auth.users, name text);
        create function public.new_user() returns trigger language plpgsql
            security definer set search_path = '' as $$
        begin
            insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'name');
            return new;
        end $$;
        create trigger on_auth_user_created after insert on auth.users
            for each row execute function public.new_user();
        insert into auth.users (instance_id, id, aud, role, email, encrypted_password,
            email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at)
        values (gen_random_uuid(), gen_random_uuid(), 'authenticated', 'authenticated',
            'ada@example.org', 'x', now(), '{}', '{"name": "Ada"}', now());
    """)
    assert rows(db, "select name from public.profiles") == [("Ada",)]
    assert rows(
        db, "select is_anonymous, is_sso_user, confirmed_at = email_confirmed_at from auth.users"
    ) == [(False, False, True)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute(
            "insert into auth.users (id, email) values (gen_random_uuid(), 'ada@example.org')"
        )


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_users_are_not_for_the_api(db: Connection, role: str) -> None:
    """No role of the API reads auth.users."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(db, role):
        db.execute("select * from auth.users")


def test_a_new_table_in_public_is_open(db: Connection) -> None:
    """Default privileges give the API's roles everything on what `postgres` makes in public."""
    db.execute("create table public.open (n int generated always as identity, v text)")
    db.execute("create function public.answer() returns int language sql as 'select 42'")
    with acting_as(db, "anon"):
        db.execute("insert into public.open (v) values ('by anyone')")
        db.execute("truncate public.open")
        assert rows(db, "select public.answer()") == [(42,)]
    db.execute("create schema private")
    db.execute("create table private.closed ()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(db, "anon"):
        db.execute("table private.closed")


def test_row_level_security_by_user(db: Connection) -> None:
    """A policy with auth.uid() shows a user the user's own rows; service_role sees all."""
    db.execute(f"""
        create table public.notes (owner uuid, body text);
        alter table public.notes enable row level security;
        create policy own on public.notes to authenticated using (owner = (select auth.uid()));
        insert into public.notes values ('{OWNER}', 'mine'), ('{OTHER}', 'not mine');
    """)
    with acting_as(db, "authenticated", sub=OWNER):
        assert rows(db, "select body from public.notes") == [("mine",)]
    with acting_as(db, "anon"):
        assert rows(db, "select body from public.notes") == []
    with acting_as(db, "service_role"):
        assert len(rows(db, "select body from public.notes")) == 2


def test_policies_on_objects(db: Connection) -> None:
    """Storage policies decide per folder who writes; everyone reads a public bucket."""
    db.execute("""
        insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
            values ('pictures', 'pictures', true, 1048576, array['image/png']);
        create policy "owners write" on storage.objects for insert to authenticated
            with check (bucket_id = 'pictures'
                and (storage.foldername(name))[1] = (select auth.uid())::text);
        create policy "all read" on storage.objects for select using (bucket_id = 'pictures');
    """)
    put = "insert into storage.objects (bucket_id, name) values ('pictures', '{}/grids/cat.png')"
    with acting_as(db, "authenticated", sub=OWNER):
        db.execute(put.format(OWNER))
    for role, claims in (("authenticated", {"sub": OWNER}), ("anon", {})):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
            acting_as(db, role, **claims),
        ):
            db.execute(put.format(OTHER))
    with acting_as(db, "anon"):
        assert rows(db, "select path_tokens from storage.objects") == [
            ([OWNER, "grids", "cat.png"],)
        ]
        assert rows(db, "select * from storage.buckets") == []
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute(put.format(OWNER))


def test_objects_are_not_deleted_by_hand(db: Connection) -> None:
    """A direct delete is refused, as it would leave the bytes; the service's setting allows it."""
    db.execute("insert into storage.buckets (id, name) values ('b', 'b')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="Direct deletion"):
        db.execute("delete from storage.buckets")
    with db.transaction():
        db.execute("set local storage.allow_delete_query = 'true'")
        assert db.execute("delete from storage.buckets").rowcount == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a/b/c.final.png", (["a", "b"], "c.final.png", "png")),
        ("c.png", ([], "c.png", "png")),
        ("a/no-extension", (["a"], "no-extension", "no-extension")),
        ("a/", (["a"], "", "")),
        (None, (None, None, None)),
    ],
)
def test_the_parts_of_an_object_name(
    db: Connection, name: str | None, parts: tuple[Any, ...]
) -> None:
    """Folder names, file name and extension of an object's name are as the service gives them."""
    asked = db.execute(
        "select storage.foldername(x), storage.filename(x), storage.extension(x)"
        " from (values (%s::text)) as t (x)",
        [name],
    )
    assert asked.fetchall() == [parts]


def test_the_api_becomes_its_roles(database_url: str) -> None:
    """Role authenticator may become each role of the API, and has no rights of its own."""
    with connect(database_url) as db:
        db.execute("create table public.t ()")
        db.execute("set session authorization authenticator")
        for role in ("anon", "authenticated", "service_role"):
            db.execute(f"set role {role}")
            db.execute("table public.t")
        db.execute("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("table public.t")


def test_the_search_path_has_extensions(db: Connection) -> None:
    """An extension in schema `extensions` is used without its schema's name."""
    db.execute("create extension citext with schema extensions")
    assert rows(db, "select 'A'::citext = 'a'") == [(True,)]
    assert rows(db, "show search_path") == [('"$user", public, extensions',)]


def test_a_table_joins_the_publication(db: Connection) -> None:
    """Projects add tables to supabase_realtime, without a warning about replication."""
    notices: list[str] = []
    db.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    db.execute("create table public.live (id int primary key)")
    db.execute("alter publication supabase_realtime add table public.live")
    db.execute("create publication another for table public.live")
    assert rows(db, "select pubname from pg_publication_tables order by 1") == [
        ("another",),
        ("supabase_realtime",),
    ]
    assert notices == []


def test_a_plain_database_is_empty(plain_database_url: str) -> None:
    """The plain profile brings no schema along."""
    with connect(plain_database_url) as db:
        assert rows(db, "select nspname from pg_namespace where nspname !~ '^pg_' order by 1") == [
            ("information_schema",),
            ("public",),
        ]


def test_nothing_passes_for_built_in(db: Connection) -> None:
    """All objects of the baseline are ordinary: built-in ones escape policies and pg_dump."""
    assert (
        rows(
            db,
            "select min(oid) >= 16384 from pg_class where relnamespace = 'storage'::regnamespace"
            " union all select min(oid) >= 16384 from pg_proc"
            "  where pronamespace = 'auth'::regnamespace"
            " union all select oid >= 16384 from pg_roles where rolname = 'anon'",
        )
        == [(True,)] * 3
    )

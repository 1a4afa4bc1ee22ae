"""What Supabase's own schemas and extensions do here: used as projects use them."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from acting import acting_as, rows
from ajour.engines import embedded
from projects import Cli, Database, Project
from servers import Connection, connect

OWNER = "6f0c3b1e-0d0a-4f57-9c55-0a5a3f0c1a11"
OTHER = "c3f7a2de-52b5-4f0e-8a46-3c0b8f9e2b22"
WITH_STAND_INS = 180000


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """Give a connection as `postgres`, the role of migrations."""
    with connect(database_url) as connection:
        yield connection


@pytest.fixture
def stand_ins(db: Connection) -> None:
    """Leave a test out where the server cannot have stand-ins."""
    if db.info.server_version < WITH_STAND_INS:
        pytest.skip("stand-ins need PostgreSQL 18")


# --- users and objects ------------------------------------------------------------------------


def test_a_users_rows_go_with_the_user(db: Connection) -> None:
    """Identities, sessions and tokens refer to a user; deleting the user deletes them all."""
    db.execute(f"""
        insert into auth.users (id, email) values ('{OWNER}', 'ada@example.org');
        insert into auth.identities (user_id, provider_id, provider, identity_data)
            values ('{OWNER}', '{OWNER}', 'email', '{{"email": "ADA@example.org"}}');
        insert into auth.sessions (id, user_id, aal) values ('{OTHER}', '{OWNER}', 'aal2');
        insert into auth.refresh_tokens (token, user_id, session_id)
            values ('t', '{OWNER}', '{OTHER}');
        insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
            values ('{OTHER}', '{OWNER}', 'totp', 'verified', now(), now());
        insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
            values ('{OTHER}', '{OWNER}', 'recovery_token', 'h', 'ada@example.org');
    """)
    assert rows(db, "select email from auth.identities") == [("ada@example.org",)]
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        db.execute("update auth.sessions set aal = 'aal9'")
    db.execute("delete from auth.users")
    tables = ("identities", "sessions", "refresh_tokens", "mfa_factors", "one_time_tokens")
    for table in tables:
        assert rows(db, f"select * from auth.{table}") == []


def test_a_policy_asks_for_the_second_factor(db: Connection) -> None:
    """A policy that looks at a claim lets only those in who proved more than a password."""
    db.execute("""
        create table public.vault_doors (id int);
        insert into public.vault_doors values (1);
        alter table public.vault_doors enable row level security;
        create policy mfa on public.vault_doors for select to authenticated
            using (auth.jwt() ->> 'aal' = 'aal2');
    """)
    for level, seen in (("aal1", []), ("aal2", [(1,)])):
        with acting_as(db, "authenticated", sub=OWNER, aal=level):
            assert rows(db, "table public.vault_doors") == seen


def test_folders_and_sizes_of_objects(db: Connection) -> None:
    """The helpers of storage list a bucket as a tree, page by page, and add up its bytes."""
    db.execute("""
        insert into storage.buckets (id, name) values ('b', 'b'), ('other', 'other');
        insert into storage.objects (bucket_id, name, metadata) values
            ('b', 'a.txt', '{"size": 10}'), ('b', 'pics/One.png', '{"size": 20}'),
            ('b', 'pics/sub/two.png', '{"size": 30}'), ('b', 'pics/z.png', '{"size": 1}'),
            ('other', 'pics/x.png', '{"size": 5}');
    """)
    listed = "select name, id is not null from storage.{} "
    assert rows(db, listed.format("search('', 'b')")) == [("a.txt", True), ("pics", False)]
    assert rows(db, listed.format("search('pics/', 'b')")) == [
        ("One.png", True),
        ("sub", False),
        ("z.png", True),
    ]
    assert rows(db, listed.format("search('pics/', 'b', search => 'on')")) == [("One.png", True)]
    assert rows(db, listed.format("search('pics/', 'b', 1, 1, 1)")) == [("sub", False)]
    assert rows(db, listed.format("search_v2('pics/', 'b', 2)")) == [
        ("pics/One.png", True),
        ("pics/sub", False),
    ]
    assert rows(
        db, listed.format("list_objects_with_delimiter('b', 'pics/', '/', 9, 'pics/sub')")
    ) == [("pics/z.png", True)]
    assert rows(
        db, "select bucket_id, size from storage.get_size_by_bucket() order by bucket_id"
    ) == [("b", 61), ("other", 5)]


def test_a_policy_on_the_operation(db: Connection) -> None:
    """A storage policy can tell a download from a listing, with or without the word storage."""
    with db.transaction():
        db.execute("set local storage.operation = 'storage.object.list'")
        assert rows(
            db,
            "select storage.allow_only_operation('object.list'),"
            " storage.allow_only_operation('storage.object.get'),"
            " storage.allow_any_operation(array['object.get', 'storage.object.list'])",
        ) == [(True, False, True)]
    assert rows(db, "select storage.allow_only_operation('object.list')") == [(False,)]


def test_direct_deletion_is_a_setting(project: Project, cli: Cli) -> None:
    """`storage_delete` lets an older project delete by SQL, on a server that runs already, too."""
    project.migration("20240101_a.sql", "insert into storage.buckets (id, name) values ('b', 'b');")
    project.migration("20240102_b.sql", "delete from storage.buckets;")
    refused = cli("migrate", code=4).stderr
    assert "Direct deletion from storage tables is not allowed" in refused
    project.write("ajour.toml", 'storage_delete = "allow"\n')
    url = cli("db", "url").stdout.strip()
    with connect(url) as connection:
        assert Database(connection).values("show storage.allow_delete_query") == ["true"]
    cli("migrate")
    with connect(url) as connection:
        assert Database(connection).history() == ["20240101_a.sql", "20240102_b.sql"]
        assert Database(connection).values("select id from storage.buckets") == []
    project.write("ajour.toml", "")
    assert embedded.ensure(project.path) == url, "and back again, with its data"
    with connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from storage.objects")
    project.write("ajour.toml", 'storage_delete = "maybe"\n')
    assert "refuse or allow" in cli("db", "url", code=2).stderr


# --- messages and webhooks --------------------------------------------------------------------


def test_a_message_to_clients_stays(db: Connection) -> None:
    """realtime.send leaves a message with an id; what a user may read is up to the policies."""
    db.execute("select realtime.send('{\"a\": 1}', 'greeting', 'room:1', true)")
    (message,) = rows(
        db,
        "select topic, event, private, extension, payload ->> 'a', payload ->> 'id' = id::text"
        " from realtime.messages",
    )
    assert message == ("room:1", "greeting", True, "broadcast", "1", True)
    db.execute("""
        create policy members on realtime.messages for select to authenticated
            using (realtime.topic() = 'room:' || (auth.jwt() ->> 'room'));
    """)
    for room, seen in (("1", 1), ("2", 0)):
        with acting_as(db, "authenticated", room=room):
            db.execute("set local realtime.topic = 'room:1'")
            assert len(rows(db, "table realtime.messages")) == seen


def test_changes_are_broadcast_by_a_trigger(db: Connection) -> None:
    """A trigger with realtime.broadcast_changes sends the old and the new row."""
    db.execute("""
        create table public.notes (id int primary key, body text);
        create function public.tell() returns trigger language plpgsql as $$
        begin
            perform realtime.broadcast_changes('notes:' || coalesce(new.id, old.id), tg_op, tg_op,
                tg_table_name, tg_table_schema, new, old);
            return null;
        end $$;
        create trigger tell after insert or update or delete on public.notes
            for each row execute function public.tell();
        insert into public.notes values (1, 'a');
        update public.notes set body = 'b';
    """)
    sent = "select event, payload -> 'old_record' ->> 'body', payload -> 'record' ->> 'body'"
    assert rows(db, f"{sent} from realtime.messages order by event") == [
        ("INSERT", None, "a"),
        ("UPDATE", "a", "b"),
    ]


@pytest.mark.usefixtures("stand_ins")
def test_a_request_waits_in_the_queue(db: Connection) -> None:
    """net.http_post writes down what it would send, and gives a number; nothing answers."""
    db.execute("create extension pg_net with schema extensions")
    ((number,),) = rows(
        db,
        "select net.http_post('https://example.org/hook', body => '{\"a\": 1}',"
        ' params => \'{"q": "a b"}\', headers => \'{"X": "y"}\')',
    )
    ((method, url, headers, body),) = rows(
        db,
        "select method, url, headers, convert_from(body, 'UTF8') from net.http_request_queue"
        " where id = %s",
        number,
    )
    assert (method, url) == ("POST", "https://example.org/hook?q=a%20b")
    assert headers == {"X": "y", "Content-Type": "application/json"}
    assert json.loads(body) == {"a": 1}
    assert rows(db, "select count(*) from net._http_response") == [(0,)]
    assert rows(db, "select (net._http_collect_response(%s)).status", number) == [("ERROR",)]
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="stand-in on the embedded server"):
        db.execute("select net._await_response(%s)", [number])


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("net", [True, False], ids=["with pg_net", "without"])
def test_a_database_webhook(db: Connection, net: bool) -> None:
    """A trigger with supabase_functions.http_request notes the call, and sends by pg_net."""
    if net:
        db.execute("create extension pg_net")
    db.execute("""
        create table public.orders (id int);
        create trigger hook after insert on public.orders for each row
            execute function supabase_functions.http_request(
                'https://example.org', 'POST', '{"Content-Type":"application/json"}', '{}', '1000');
        insert into public.orders values (7);
    """)
    ((name, number),) = rows(db, "select hook_name, request_id from supabase_functions.hooks")
    assert name == "hook"
    assert (number is not None) is net
    if net:
        ((sent,),) = rows(db, "select convert_from(body, 'UTF8') from net.http_request_queue")
        assert json.loads(sent)["record"] == {"id": 7}


# --- queues, jobs, secrets --------------------------------------------------------------------


@pytest.mark.usefixtures("stand_ins")
def test_a_queue(db: Connection) -> None:
    """A message is sent, read once in a while, put off, archived, popped and deleted."""
    db.execute("create extension pgmq")
    for bad in ("a;b", "a--b", "a$b", "a''b", "x" * 48):
        with pytest.raises(psycopg.Error, match="queue name"):
            db.execute(f"select pgmq.create('{bad}')")
    db.execute("select pgmq.create('jobs')")
    assert rows(db, "select pgmq.send('jobs', '{\"n\": 1}')") == [(1,)]
    assert rows(
        db, "select pgmq.send_batch('jobs', array['{\"n\": 2}', '{\"n\": 3}']::jsonb[])"
    ) == [(2,), (3,)]
    read = "select msg_id, read_ct, message ->> 'n' from pgmq.read('jobs', {}, {})"
    assert rows(db, read.format(30, 2)) == [(1, 1, "1"), (2, 1, "2")]
    assert rows(db, read.format(30, 9)) == [(3, 1, "3")], "the first two are invisible meanwhile"
    assert rows(db, read.format(30, 9)) == []
    db.execute("select pgmq.set_vt('jobs', 1, 0)")
    assert rows(db, read.format(0, 9)) == [(1, 2, "1")], "and come back when their time is over"
    assert rows(db, "select pgmq.archive('jobs', 2), pgmq.archive('jobs', 99)") == [(True, False)]
    assert rows(db, "select msg_id, message ->> 'n' from pgmq.a_jobs") == [(2, "2")]
    assert rows(db, "select msg_id from pgmq.pop('jobs')") == [(1,)]
    assert rows(db, "select pgmq.delete('jobs', 3), pgmq.delete('jobs', 3)") == [(True, False)]
    assert rows(db, "select queue_name, queue_length, total_messages from pgmq.metrics_all()") == [
        ("jobs", 0, 3)
    ]
    assert rows(db, "select pgmq.drop_queue('jobs'), to_regclass('pgmq.q_jobs') is null") == [
        (True, True)
    ]


@pytest.mark.usefixtures("stand_ins")
def test_a_message_for_later_with_headers(db: Connection) -> None:
    """A delay keeps a message back; headers and a condition go with it."""
    db.execute("create extension pgmq")
    db.execute("select pgmq.create('q')")
    db.execute("select pgmq.send('q', '{}', 60), pgmq.send('q', msg => '{}', delay => 60)")
    db.execute("select pgmq.send('q', '{\"k\": 2}'::jsonb, '{\"h\": 1}'::jsonb)")
    found = "select message, headers from pgmq.read('q', 0, 9, '{}')"
    assert rows(db, found.format('{"k": 1}')) == []
    assert rows(db, found.format('{"k": 2}')) == [({"k": 2}, {"h": 1})]
    assert rows(db, "select queue_length, queue_visible_length from pgmq.metrics('q')") == [(3, 1)]
    assert rows(db, "select pgmq.purge_queue('q')") == [(3,)]


@pytest.mark.usefixtures("stand_ins")
def test_two_readers_get_different_messages(db: Connection, database_url: str) -> None:
    """A reader passes over what another one holds, instead of waiting for it."""
    db.execute("create extension pgmq")
    db.execute("select pgmq.create('q'), pgmq.send('q', '1'), pgmq.send('q', '2')")
    with connect(database_url) as other, other.transaction():
        assert rows(other, "select msg_id from pgmq.read('q', 30, 1)") == [(1,)]
        assert rows(db, "select msg_id from pgmq.read('q', 30, 1)") == [(2,)]


@pytest.mark.usefixtures("stand_ins")
def test_a_scheduled_job(db: Connection) -> None:
    """A job stays as a row: under its name once, changed by alter_job, gone after unschedule."""
    db.execute("create extension if not exists pg_cron with schema pg_catalog")
    schedule = "select cron.schedule('nightly', %s, 'select 1')"
    first = rows(db, schedule, "0 3 * * *")
    assert rows(db, schedule, "30 4 * * 1-5") == first
    assert rows(db, "select jobname, schedule, active, username from cron.job") == [
        ("nightly", "30 4 * * 1-5", True, "postgres")
    ]
    db.execute("select cron.alter_job(%s, active => false)", first[0])
    assert rows(db, "select active, schedule from cron.job") == [(False, "30 4 * * 1-5")]
    assert rows(db, "select cron.unschedule('nightly')") == [(True,)]
    assert rows(db, "select * from cron.job") == []
    with pytest.raises(psycopg.errors.InternalError, match="could not find valid entry"):
        db.execute("select cron.unschedule('nightly')")


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("good", ["*/5 * * * *", "@daily", "30 seconds", "0 0 $ jan-mar mon,fri"])
def test_a_schedule_that_cron_takes(db: Connection, good: str) -> None:
    """Fields, names, seconds and the last day of the month are schedules."""
    db.execute("create extension pg_cron")
    assert rows(db, "select cron.schedule(%s, 'select 1')", good) == [(1,)]


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("bad", ["often", "60 * * * *", "* * * *", "90 seconds", "mon * * * *"])
def test_a_schedule_that_cron_refuses(db: Connection, bad: str) -> None:
    """A mistake in a schedule is an error here too, not at the next deploy."""
    db.execute("create extension pg_cron")
    with pytest.raises(psycopg.Error, match="invalid schedule"):
        db.execute("select cron.schedule(%s, 'select 1')", [bad])


@pytest.mark.usefixtures("stand_ins")
def test_a_secret(db: Connection) -> None:
    """A secret is stored under a name, shown by the view, changed, and not stored as it is."""
    ((number,),) = rows(db, "select vault.create_secret('s3cret', 'key', 'for the tests')")
    shown = "select name, description, decrypted_secret, secret <> %s from vault.decrypted_secrets"
    assert rows(db, shown, "s3cret") == [("key", "for the tests", "s3cret", True)]
    db.execute("select vault.update_secret(%s, new_secret => 'a''nöther')", [number])
    assert rows(db, shown, "s3cret") == [("key", "for the tests", "a'nöther", True)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("select vault.create_secret('other', 'key')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(db, "anon"):
        db.execute("select * from vault.decrypted_secrets")
    with acting_as(db, "service_role"):
        assert len(rows(db, "select * from vault.decrypted_secrets")) == 1


@pytest.mark.usefixtures("stand_ins")
def test_graphql_says_that_it_is_not_there(db: Connection) -> None:
    """The stand-in raises when it is asked; without the extension the answer is an error."""
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        db.execute("select graphql_public.graphql(query => '{ __typename }')")
    db.execute("drop extension pg_graphql")
    ((answer,),) = rows(db, "select graphql_public.graphql(query => '{ __typename }')")
    assert answer == {"errors": [{"message": "pg_graphql extension is not enabled."}]}

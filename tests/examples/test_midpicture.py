"""The example's migrations on a real database: its rows, its objects and its policies, used."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.errors import (
    CheckViolation,
    InsufficientPrivilege,
    NotNullViolation,
    RaiseException,
    UniqueViolation,
)

from ajour.testing import Database
from servers import Connection, connect

FOLDER = Path(__file__).parents[2] / "examples/midpicture/supabase/migrations"
TABLE, BUCKET, USER_FIELD = "create_generations", "create_generations_bucket", "add_user_field"

ADA = "6f0c3b1e-0d0a-4f57-9c55-0a5a3f0c1a11"
BOB = "c3f7a2de-52b5-4f0e-8a46-3c0b8f9e2b22"


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """Give a connection as `postgres`, with two accounts, Ada's being the older one."""
    with connect(database_url) as connection:
        sign_up(connection)
        yield connection


@pytest.fixture
def midpicture(ajour_database: Database) -> Connection:
    """Give such a connection to a database that has all the example's migrations."""
    connection = ajour_database.connect()
    sign_up(connection)
    return connection


def sign_up(db: Connection) -> None:
    """Make the accounts."""
    db.execute(
        "insert into auth.users (id, email, created_at) values"
        f" ('{BOB}', 'bob@example.org', '2023-12-02'),"
        f" ('{ADA}', 'ada@example.org', '2023-12-01')"
    )


def apply(db: Connection, *descriptions: str) -> None:
    """Run migrations, each in one transaction as ajour does."""
    for description in descriptions:
        (path,) = FOLDER.glob(f"*_{description}.sql")
        db.execute(path.read_bytes())


@contextmanager
def acting_as(db: Connection, role: str, user: str | None = None) -> Iterator[None]:
    """Act as the API does for one request; what it did is kept, unless it raised."""
    with db.transaction():
        claims = {"role": role} | ({"sub": user} if user else {})
        db.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        db.execute(f"set local role {role}")
        yield


def values(db: Connection, sql: str, *parameters: object) -> list[Any]:
    """Return the first column of a query."""
    return [row[0] for row in db.execute(sql, parameters).fetchall()]


def generation(db: Connection, prompt: str, **columns: object) -> str:
    """Insert a generation and return its id."""
    row = {"prompt": prompt} | columns
    marks = ", ".join(["%s"] * len(row))
    insert = f"insert into generations ({', '.join(row)}) values ({marks}) returning id::text"
    (new,) = values(db, insert, *row.values())
    return str(new)


def upload(db: Connection, name: str) -> None:
    """Insert an object into the bucket, as the storage service does for the role it acts as."""
    db.execute("insert into storage.objects (bucket_id, name) values ('generations', %s)", [name])


def test_order() -> None:
    """The files are named by the convention, and run in the order the text tells."""
    names = sorted(path.name for path in FOLDER.iterdir())
    assert names == [
        "20231215_create_generations.sql",
        "20231216_create_generations_bucket.sql",
        "20231230_add_user_field.sql",
    ]


def test_a_generation_from_the_queue_to_its_pictures(midpicture: Connection) -> None:
    """A row goes from queued through running to succeeded, and its times tell so."""
    new = generation(midpicture, "a lighthouse in the fog", user_id=ADA)
    midpicture.execute("update generations set status = 'running' where id = %s", [new])
    midpicture.execute(
        "update generations set status = 'succeeded', grid_url = 'g.png',"
        " upscaled_urls = '{u1.png,u4.png}' where id = %s",
        [new],
    )
    assert midpicture.execute(
        "select status, grid_url, upscaled_urls, updated_at > created_at from generations"
    ).fetchall() == [("succeeded", "g.png", ["u1.png", "u4.png"], True)]


def test_two_running_at_once(midpicture: Connection) -> None:
    """A second generation cannot run, whoever owns it, until the first has ended."""
    first = generation(midpicture, "one", user_id=ADA, status="running")
    second = generation(midpicture, "two", user_id=BOB)
    start = "update generations set status = 'running' where id = %s"
    with pytest.raises(UniqueViolation, match="generations_one_running"):
        midpicture.execute(start, [second])
    with pytest.raises(UniqueViolation, match="generations_one_running"):
        generation(midpicture, "three", user_id=ADA, status="running")
    midpicture.execute("update generations set status = 'failed' where id = %s", [first])
    midpicture.execute(start, [second])
    assert values(midpicture, "select prompt from generations where status = 'running'") == ["two"]


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        ("' ', 'queued', null, '{}'", "generations_prompt_not_blank"),
        ("'a cat', 'done', null, '{}'", "generations_status_known"),
        ("'a cat', 'succeeded', null, '{}'", "generations_grid_when_succeeded"),
        ("'a cat', 'queued', 'g', '{}'", "generations_grid_when_succeeded"),
        ("'a cat', 'queued', null, '{u}'", "generations_upscaled_from_grid"),
        ("'a cat', 'succeeded', 'g', '{u,u,u,u,u}'", "generations_upscaled_at_most_four"),
    ],
)
def test_rows_that_make_no_sense(midpicture: Connection, row: str, constraint: str) -> None:
    """Each constraint refuses the row it was made for, under its own name."""
    with pytest.raises(CheckViolation, match=constraint):
        midpicture.execute(
            "insert into generations (user_id, prompt, status, grid_url, upscaled_urls)"
            f" values ('{ADA}', {row})".encode()
        )


def test_rows_older_than_the_user_field(db: Connection) -> None:
    """Generations made before there were accounts go to the oldest account, otherwise unchanged."""
    apply(db, TABLE)
    generation(db, "an old one", updated_at="2023-12-20")
    generation(db, "a running one", status="running")
    apply(db, USER_FIELD)
    assert values(db, "select distinct user_id::text from generations") == [ADA]
    assert values(
        db, "select updated_at::date::text from generations where prompt = 'an old one'"
    ) == ["2023-12-20"]
    db.execute("update generations set status = 'failed' where status = 'running'")
    assert values(
        db, "select updated_at > created_at from generations where status = 'failed'"
    ) == [True]


def test_rows_that_nobody_can_own(db: Connection) -> None:
    """With generations and no account, the migration stops and says what to do."""
    apply(db, TABLE)
    generation(db, "an old one")
    db.execute("delete from auth.users")
    with pytest.raises(RaiseException, match="no account that could own them") as caught:
        apply(db, USER_FIELD)
    assert caught.value.diag.message_hint is not None
    assert "Sign up the account" in caught.value.diag.message_hint
    assert values(db, "select count(*) from generations") == [1]


def test_the_user_field(midpicture: Connection) -> None:
    """Every generation has an owner that exists, is found by index, and goes with the account."""
    with pytest.raises(NotNullViolation, match="user_id"):
        generation(midpicture, "nobody's")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        generation(midpicture, "a stranger's", user_id="00000000-0000-0000-0000-000000000001")
    generation(midpicture, "ada's", user_id=ADA)
    generation(midpicture, "bob's", user_id=BOB)
    midpicture.execute("delete from auth.users where id = %s", [ADA])
    assert values(midpicture, "select prompt from generations") == ["bob's"]
    assert values(
        midpicture, "select indexdef from pg_indexes where indexname = 'idx_generations_user_id'"
    ) == ["CREATE INDEX idx_generations_user_id ON public.generations USING btree (user_id)"]


@pytest.mark.parametrize(
    ("role", "user", "seen"),
    [
        ("anon", None, ["finished"]),
        ("authenticated", BOB, ["finished"]),
        ("authenticated", ADA, ["failed", "finished", "queued"]),
        ("service_role", None, ["failed", "finished", "queued"]),
    ],
)
def test_who_sees_which_generations(
    midpicture: Connection, role: str, user: str | None, seen: list[str]
) -> None:
    """What is finished is everyone's to see; the rest is its owner's and the server's."""
    generation(midpicture, "queued", user_id=ADA)
    generation(midpicture, "failed", user_id=ADA, status="failed")
    generation(midpicture, "finished", user_id=ADA, status="succeeded", grid_url="g.png")
    with acting_as(midpicture, role, user):
        assert values(midpicture, "select prompt from generations order by prompt") == seen


def test_users_queue_and_delete_their_own(midpicture: Connection) -> None:
    """A user's new generation is theirs without saying so, and nobody else can delete it."""
    with acting_as(midpicture, "authenticated", ADA):
        generation(midpicture, "ada's")
    assert values(midpicture, "select user_id::text from generations") == [ADA]
    for user, left in (BOB, 1), (ADA, 0):
        with acting_as(midpicture, "authenticated", user):
            midpicture.execute("delete from generations")
        assert values(midpicture, "select count(*) from generations") == [left]


@pytest.mark.parametrize(
    ("role", "user", "sql"),
    [
        ("anon", None, "insert into generations (prompt) values ('mine')"),
        ("anon", None, "update generations set prompt = 'mine'"),
        ("anon", None, "delete from generations"),
        ("anon", None, "truncate generations"),
        ("authenticated", BOB, "truncate generations"),
        ("authenticated", BOB, "update generations set prompt = 'mine'"),
        (
            "authenticated",
            BOB,
            f"insert into generations (prompt, user_id) values ('hers', '{ADA}')",
        ),
        (
            "authenticated",
            BOB,
            "insert into generations (prompt, status) values ('first!', 'running')",
        ),
    ],
)
def test_what_the_api_refuses(
    midpicture: Connection, role: str, user: str | None, sql: str
) -> None:
    """Writing for others, skipping the queue, and changing what is the server's are refused."""
    generation(midpicture, "ada's", user_id=ADA)
    with pytest.raises(InsufficientPrivilege), acting_as(midpicture, role, user):
        midpicture.execute(sql)
    assert values(midpicture, "select prompt from generations") == ["ada's"]


def test_the_bucket(midpicture: Connection) -> None:
    """The bucket is public, and running its migration's insert again changes nothing."""
    found = "select to_jsonb(b) - 'updated_at' from storage.buckets b where id = 'generations'"
    (before,) = values(midpicture, found)
    assert (before["public"], before["allowed_mime_types"]) == (True, ["image/png", "image/webp"])
    (path,) = FOLDER.glob(f"*_{BUCKET}.sql")
    insert = path.read_text().split(";")[0]
    midpicture.execute(insert.encode())
    assert values(midpicture, found) == [before]


def test_owners_write_pictures_and_the_public_reads(midpicture: Connection) -> None:
    """An owner's grid and upscaled variations are stored, and seen by anyone."""
    pictures = [f"{ADA}/grids/1.png", f"{ADA}/upscaled/1-1.png", f"{ADA}/upscaled/1-4.png"]
    with acting_as(midpicture, "authenticated", ADA):
        for picture in pictures:
            upload(midpicture, picture)
    for role, user in ("anon", None), ("authenticated", BOB), ("service_role", None):
        with acting_as(midpicture, role, user):
            assert values(midpicture, "select name from storage.objects order by 1") == pictures


@pytest.mark.parametrize(
    ("role", "user", "name"),
    [
        ("anon", None, f"{ADA}/grids/1.png"),
        ("authenticated", BOB, f"{ADA}/grids/1.png"),
        ("authenticated", ADA, f"{ADA}/1.png"),
        ("authenticated", ADA, f"{ADA}/elsewhere/1.png"),
        ("authenticated", ADA, "grids/1.png"),
    ],
)
def test_uploads_that_are_refused(
    midpicture: Connection, role: str, user: str | None, name: str
) -> None:
    """Nobody uploads into another's folder, or to a place that is not for pictures."""
    with pytest.raises(InsufficientPrivilege), acting_as(midpicture, role, user):
        upload(midpicture, name)
    assert values(midpicture, "select count(*) from storage.objects") == [0]


def test_only_owners_replace_and_delete_pictures(midpicture: Connection) -> None:
    """Others change no row; the owner moves a picture within their own folder, and deletes it."""
    upload(midpicture, f"{ADA}/grids/1.png")
    move = f"update storage.objects set name = '{ADA}/upscaled/1-1.png'"
    for role, user, changed in (
        ("anon", None, 0),
        ("authenticated", BOB, 0),
        ("authenticated", ADA, 1),
    ):
        with acting_as(midpicture, role, user):
            assert midpicture.execute(move).rowcount == changed
    with pytest.raises(InsufficientPrivilege), acting_as(midpicture, "authenticated", ADA):
        midpicture.execute(f"update storage.objects set name = '{BOB}/grids/1.png'")
    for role, user, deleted in ("authenticated", BOB, 0), ("authenticated", ADA, 1):
        with acting_as(midpicture, role, user):  # as the storage service deletes
            midpicture.execute("set local storage.allow_delete_query = 'true'")
            assert midpicture.execute("delete from storage.objects").rowcount == deleted


def test_other_buckets_stay_closed(midpicture: Connection) -> None:
    """The policies speak of this bucket alone."""
    midpicture.execute("insert into storage.buckets (id, name) values ('private', 'private')")
    midpicture.execute(
        "insert into storage.objects (bucket_id, name) values ('private', %s)",
        [f"{ADA}/grids/1.png"],
    )
    with acting_as(midpicture, "authenticated", ADA):
        assert values(midpicture, "select name from storage.objects") == []

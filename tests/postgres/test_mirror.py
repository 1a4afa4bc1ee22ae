"""The Supabase CLI's history beside ours, and the API that is told of a new schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ajour.api import Project
from ajour.config import load
from ajour.errors import HistoryRefused, MigrationFailed
from ajour.events import Event, Recovered
from ajour.model import Repair
from ajour.target import parse_url
from runs import file, migrate
from servers import Connection, connect

MIRROR: dict[str, Any] = {"mirror": "supabase", "profile": "supabase"}
ALONE = "create table t (a int); create index concurrently i on t (a);"


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Yield a connection to a fresh database."""
    with connect(database_url) as opened:
        yield opened


def mirrored(connection: Connection) -> list[tuple[Any, ...]]:
    """Return what the Supabase CLI would read."""
    return connection.execute(
        "select version, name, statements from supabase_migrations.schema_migrations order by 1"
    ).fetchall()


def versions(connection: Connection) -> list[str]:
    """Return the versions alone."""
    return [row[0] for row in mirrored(connection)]


def told(events: list[Event]) -> list[str]:
    """Return what was said to have been settled."""
    return [each.message for each in events if isinstance(each, Recovered)]


# --- the mirror -------------------------------------------------------------------------------


@pytest.mark.parametrize("window", ["1", "1MB"])
def test_rows_are_written_together(database_url: str, connection: Connection, window: str) -> None:
    """Version, title and statements are what `supabase db push` would have written."""
    text = "begin;\n-- one\ncreate table \"it's\" (a text default 'b\\c\"');\nselect 2;\ncommit;\n"
    files = (file("20240101_a.b.sql", text), file("20240102_c.sql", ALONE))
    migrate(database_url, *files, window=window, **MIRROR)
    assert mirrored(connection) == [
        ("20240101", "a.b", ["create table \"it's\" (a text default 'b\\c\"')", "select 2"]),
        ("20240102", "c", [each.strip() for each in ALONE.split(";")[:2]]),
    ]


def test_it_rolls_back_with_the_file(database_url: str, connection: Connection) -> None:
    """A file whose COMMIT fails is in neither history: one transaction has both rows."""
    late = (
        "create table t (a int unique deferrable initially deferred);"
        " insert into t values (1), (1);"
    )
    with pytest.raises(MigrationFailed):
        migrate(database_url, file("1_a.sql", "select 1;"), file("2_b.sql", late), **MIRROR)
    assert versions(connection) == ["1"]
    names = connection.execute("select name from migrations").fetchall()
    assert names == [("1_a.sql",)]


def test_one_transaction_writes_both(database_url: str, connection: Connection) -> None:
    """The server itself says so: both rows carry the number of the same transaction."""
    migrate(database_url, file("1_a.sql", "select 1;"), file("2_b.sql", ALONE), **MIRROR)
    both = connection.execute(
        "select h.xmin = m.xmin from migrations h join supabase_migrations.schema_migrations m"
        " on m.version = left(h.name, 1)"
    ).fetchall()
    assert both == [(True,), (True,)]


def test_names_that_it_has_no_room_for(database_url: str, connection: Connection) -> None:
    """They run and stand in our history; the other one keeps the first of each version."""
    files = [file(name, "select 1;") for name in ("1_a.sql", "1_b.sql", "x.sql")]
    migrate(database_url, *files, **MIRROR)
    assert mirrored(connection) == [("1", "a", ["select 1"])]
    count = connection.execute("select count(*) from migrations").fetchone()
    assert count == (3,)


def test_what_is_there_stays(database_url: str, connection: Connection) -> None:
    """A row that the CLI has written is not changed, and an older table gets its columns."""
    connection.execute(
        "drop schema if exists supabase_migrations cascade; create schema supabase_migrations;"
        "create table supabase_migrations.schema_migrations (version text primary key);"
        "insert into supabase_migrations.schema_migrations values ('1')"
    )
    migrate(database_url, file("1_a.sql", "select 1;"), file("2_b.sql", "select 2;"), **MIRROR)
    assert mirrored(connection) == [("1", None, None), ("2", "b", ["select 2"])]


def test_it_catches_up(database_url: str, connection: Connection) -> None:
    """Switched on later, it lists what was run before, also when nothing is pending."""
    files = (
        file("1_a.sql", "select 1;"),
        file("1_b.sql", "select 2;"),
        file("2_c.sql", "select 3;"),
    )
    migrate(database_url, *files)
    assert told(migrate(database_url, *files, **MIRROR)) == [
        "added 2 rows to supabase_migrations.schema_migrations"
    ]
    assert mirrored(connection) == [("1", "a", ["select 1;"]), ("2", "c", ["select 3;"])]
    assert migrate(database_url, *files, **MIRROR) == []


def test_without_the_setting(database_url: str, connection: Connection) -> None:
    """Nothing of the Supabase CLI is made or written."""
    before = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations')::text"
    ).fetchone()
    migrate(database_url, file("1_a.sql", "select 1;"), profile="supabase")
    after = connection.execute("select to_regclass('supabase_migrations.schema_migrations')::text")
    assert after.fetchone() == before


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Iterator[Project]:
    """Yield a project with two migrations and the mirror, both applied."""
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    for name in ("1_a.sql", "2_b.sql"):
        (folder / name).write_text(f"select '{name}';")
    with Project(
        load(tmp_path, {"url": database_url, **MIRROR}, {}), parse_url(database_url)
    ) as it:
        list(it.migrate(allow_out_of_order=True))
        yield it


def test_repairs_are_followed(project: Project, connection: Connection) -> None:
    """Forgotten, renamed, accepted and recorded: the other history changes with ours."""
    three, accepted = file("3_c.sql", "select 3;"), file("2_b.sql", "select 'new';")
    project.repair((Repair("rename", "1_a.sql", three), Repair("accept", "2_b.sql", accepted)))
    assert mirrored(connection) == [("2", "b", ["select 'new'"]), ("3", "c", ["select 3"])]
    four = file("4_d.sql", "select 4;")
    project.repair((Repair("forget", "2_b.sql"), Repair("mark-applied", "4_d.sql", four)))
    assert versions(connection) == ["3", "4"]


def test_the_row_of_another_file_stays(project: Project, connection: Connection) -> None:
    """Forgetting the second file of a version leaves the row of the first one."""
    second = file("1_z.sql", "select 1;")
    project.repair((Repair("mark-applied", "1_z.sql", second),))
    project.repair((Repair("forget", "1_z.sql"),))
    assert mirrored(connection)[0][:2] == ("1", "a")


def test_a_repair_that_fails_changes_neither(project: Project, connection: Connection) -> None:
    """All is one transaction there as well."""
    before = mirrored(connection)
    known = file("2_b.sql", "select 2;")
    with pytest.raises(HistoryRefused, match="changed by another process"):
        project.repair((Repair("forget", "1_a.sql"), Repair("mark-applied", "2_b.sql", known)))
    assert mirrored(connection) == before


# --- the API ----------------------------------------------------------------------------------


def heard(connection: Connection) -> list[tuple[str, str]]:
    """Return the channel and the words of each message that has come."""
    connection.execute("select 1")
    return [(each.channel, each.payload) for each in connection.notifies(timeout=0.2)]


@pytest.fixture
def listener(connection: Connection) -> Connection:
    """Give a connection that listens as PostgREST does."""
    connection.execute("listen pgrst")
    return connection


@pytest.mark.parametrize("text", ["create table t ();", ALONE], ids=["one step", "several"])
def test_the_api_is_told(database_url: str, listener: Connection, text: str) -> None:
    """Whoever listens as PostgREST does hears it when the migration is committed."""
    migrate(database_url, file("1_a.sql", text), profile="supabase")
    assert set(heard(listener)) == {("pgrst", "reload schema")}


def test_a_failure_tells_nothing(database_url: str, listener: Connection) -> None:
    """What is rolled back has changed no schema."""
    with pytest.raises(MigrationFailed):
        migrate(database_url, file("1_a.sql", "create table t (); select 1/0;"), profile="supabase")
    assert heard(listener) == []


def test_a_file_cannot_turn_it_off(database_url: str, listener: Connection) -> None:
    """Neither a role nor a search path that a file leaves behind has a say."""
    text = "create table t (); set role anon; set search_path = '';"
    migrate(database_url, file("1_a.sql", text), profile="supabase")
    assert heard(listener) == [("pgrst", "reload schema")]


@pytest.mark.parametrize(
    ("profile", "pending"), [("plain", "create table t ();"), ("supabase", "")]
)
def test_nobody_is_told(
    database_url: str, listener: Connection, profile: str, pending: str
) -> None:
    """A plain database has no such API, and a run without work changes no schema."""
    files = [file("1_a.sql", pending)] if pending else []
    migrate(database_url, *files, profile=profile)
    assert heard(listener) == []

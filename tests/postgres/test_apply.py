from collections.abc import Iterator

import psycopg
import pytest

from ajour.errors import HistoryRefused, MigrationFailed
from ajour.events import Done, StepDone
from runs import file, migrate
from servers import connect


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """Yield a connection to a fresh database."""
    with connect(database_url) as opened:
        yield opened


def names(connection: psycopg.Connection) -> list[str]:
    """Return what the history lists."""
    found = connection.execute("select name from migrations order by name").fetchall()
    return [row[0] for row in found]


@pytest.mark.parametrize("window", [1, 1 << 20])
def test_all_that_is_pending_is_applied_once(
    database_url: str, connection: psycopg.Connection, window: int
) -> None:
    """Every file runs in order, is recorded, and does not run again."""
    files = [file(f"{n}_t.sql", f"create table t{n} ();") for n in range(1, 6)]
    events = migrate(database_url, *files, window=str(window))
    assert [e.name for e in events if isinstance(e, Done)] == [f.name for f in files]
    assert names(connection) == [f.name for f in files]
    assert migrate(database_url, *files) == []
    kept = connection.execute("select checksum, sql from migrations where name = '1_t.sql'")
    assert kept.fetchone() == (files[0].checksum, files[0].text)


def test_our_statements_are_planned_anew_now_and_then(
    database_url: str, connection: psycopg.Connection
) -> None:
    """A plan from the beginning of a long run fits small catalogs: later files get another."""
    seen = "select prepare_time from pg_prepared_statements where name = 'ajour record'"
    texts = ["create table seen (at timestamptz);", *[f"insert into seen {seen};"] * 259]
    migrate(database_url, *(file(f"{n:03}_a.sql", text) for n, text in enumerate(texts)))
    found = connection.execute("select count(*) from seen group by at order by at").fetchall()
    assert found == [(249,), (10,)]


@pytest.mark.parametrize("window", [1, 1 << 20])
def test_a_failure_stops_all_that_follow(
    database_url: str, connection: psycopg.Connection, window: int
) -> None:
    """The third of five fails: two are applied, and nothing of the others is there."""
    files = [file(f"{n}_t.sql", f"create table t{n} ();") for n in range(1, 6)]
    files[2] = file("3_t.sql", "create table t3 ();\nselect nonsense from t3;\n")
    with pytest.raises(MigrationFailed) as caught:
        migrate(database_url, *files, window=str(window))
    assert caught.value.progress.applied == ("1_t.sql", "2_t.sql")
    assert caught.value.progress.not_run == ("4_t.sql", "5_t.sql")
    where = caught.value.where
    assert where is not None
    assert (where.line, where.column, where.width) == (2, 8, len("nonsense"))
    assert names(connection) == ["1_t.sql", "2_t.sql"]
    there = connection.execute("select to_regclass('t3'), to_regclass('t4')").fetchone()
    assert there == (None, None)
    files[2] = file("3_t.sql", "create table t3 ();")
    migrate(database_url, *files, window=str(window))
    assert names(connection) == [f.name for f in files]


def test_steps_take_effect_one_by_one(database_url: str, connection: psycopg.Connection) -> None:
    """A file with CREATE INDEX CONCURRENTLY runs in three steps and is recorded at its end."""
    text = "create table t (a int); create index concurrently i on t (a); insert into t values (1);"
    events = migrate(database_url, file("1_t.sql", text))
    assert [e.step for e in events if isinstance(e, StepDone)] == [1, 2]
    assert names(connection) == ["1_t.sql"]
    left = connection.execute("select count(*) from migrations_in_progress").fetchone()
    assert left == (0,)
    locks = connection.execute("select count(*) from pg_locks where locktype = 'advisory'")
    assert locks.fetchone() == (0,)


def test_an_interrupted_file_resumes(database_url: str, connection: psycopg.Connection) -> None:
    """Steps that are done stay done; the run after the mend begins at the one that failed."""
    text = "create table t (a int); commit; insert into t values ({});"
    with pytest.raises(MigrationFailed):
        migrate(database_url, file("1_t.sql", text.format("'x'")))
    assert names(connection) == []
    migrate(database_url, file("1_t.sql", text.format("1")))
    assert connection.execute("select a from t").fetchall() == [(1,)]
    assert names(connection) == ["1_t.sql"]


def test_copy_data_arrives(database_url: str, connection: psycopg.Connection) -> None:
    """COPY … FROM stdin loads its lines, in the file's own transaction."""
    text = "create table t (a int, b text);\ncopy t from stdin;\n1\tx\n2\ty\n\\.\nselect 1;"
    migrate(database_url, file("1_t.sql", text), file("2_t.sql", "create table u ();"))
    assert connection.execute("select a, b from t order by a").fetchall() == [(1, "x"), (2, "y")]
    assert names(connection) == ["1_t.sql", "2_t.sql"]


def test_session_state_does_not_leak(database_url: str, connection: psycopg.Connection) -> None:
    """A role, a search path and a setting of one file are gone in the next."""
    leak = "set role anon; set search_path = ''; set statement_timeout = '1ms';"
    migrate(database_url, file("1_t.sql", leak), file("2_t.sql", "create table t ();"))
    found = connection.execute("select tableowner from pg_tables where tablename = 't'").fetchone()
    assert found == ("postgres",)


def test_a_file_that_writes_the_history_is_rolled_back(
    database_url: str, connection: psycopg.Connection
) -> None:
    """A row of the file's own making is noticed on the server, and nothing of the file stays."""
    hidden = "do $$ begin execute $q$insert into migrations (name) values ('9_x.sql')$q$; end $$;"
    text = f"create table t (); {hidden}"
    with pytest.raises(MigrationFailed, match="history table itself"):
        migrate(database_url, file("1_t.sql", text))
    assert names(connection) == []
    assert connection.execute("select to_regclass('t')").fetchone() == (None,)


def test_another_tools_table_is_refused_by_name(
    database_url: str, connection: psycopg.Connection
) -> None:
    """Laravel's table of the same name is left alone."""
    connection.execute("create table migrations (id serial, migration text, batch int)")
    with pytest.raises(HistoryRefused, match="Laravel"):
        migrate(database_url, file("1_t.sql", "select 1;"))


def test_an_older_table_is_taken_over(database_url: str, connection: psycopg.Connection) -> None:
    """What an older script listed stays applied; the columns it lacked are added."""
    connection.execute(
        "create table migrations (name text primary key, executed_at timestamptz default now())"
    )
    connection.execute("insert into migrations values ('1_t.sql')")
    migrate(database_url, file("1_t.sql", "select 1/0;"), file("2_t.sql", "create table t ();"))
    assert names(connection) == ["1_t.sql", "2_t.sql"]


def test_anon_cannot_touch_the_history(database_url: str, connection: psycopg.Connection) -> None:
    """Supabase serves schema public to the internet, and the history is closed to it."""
    migrate(database_url, file("1_t.sql", "select 1;"))
    for right in ("select", "insert", "update", "delete", "truncate"):
        for table in ("migrations", "migrations_in_progress"):
            found = connection.execute(
                "select has_table_privilege('anon', %s, %s)", [f"public.{table}", right]
            )
            assert found.fetchone() == (False,)

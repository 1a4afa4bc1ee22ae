import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from ajour.db.stop import Stop
from ajour.errors import Interrupted, MigrationFailed, Refusal
from ajour.events import Event, Recovered, Waiting
from ajour.model import Migration
from lacking import since
from projects import Cli, Database, Project, wait_for
from runs import events, file, migrate, names
from servers import connect
from witness import LOG, logging, processes, ran_once

BEFORE = file(
    "1_t.sql",
    LOG
    + logging("1_t.sql", "create table t (a int, b int);\ninsert into t values (1, 1), (2, 2);\n"),
)
WAITS = "wait_event_type = 'Lock'"


@contextmanager
def busy(url: str, table: str = "t") -> Iterator[None]:
    """Hold a transaction open that has written into a table: whatever is CONCURRENTLY waits."""
    with connect(url) as other, other.transaction():
        other.execute(f"insert into {table} values (3)")
        yield


def broken_off(url: str, db: Database, *files: Migration, table: str = "t") -> None:
    """Run migrations until the last waits for another transaction; stop there, as Ctrl-C does."""
    migrate(url, *files[:-1])
    stop = Stop()
    with ThreadPoolExecutor() as threads, busy(url, table):
        run = threads.submit(migrate, url, *files, stop=stop)
        wait_for(lambda: processes(db, WAITS) or run.done())
        stop.requested = True
        with pytest.raises(Interrupted):
            run.result()


def indexes(db: Database, table: str = "t") -> dict[str, bool]:
    """Return the indexes of a table, and whether they are valid."""
    sql = (
        "select indexrelid::regclass::text, indisvalid from pg_index where indrelid = %s::regclass"
    )
    return dict(db.connection.execute(sql, [table]).fetchall())


def recovered(run: list[Event]) -> list[str]:
    """Return what a run says it settled."""
    return [event.message for event in run if isinstance(event, Recovered)]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("create index concurrently i on t (a)", "i"),
        ("create unique index concurrently if not exists i on public.t (a)", "i"),
        ('create index concurrently "An Index" on t (a)', '"An Index"'),
        ("create index concurrently on t (a)", "t_a_idx"),
    ],
)
def test_an_invalid_index_is_built_anew(
    database_url: str, db: Database, statement: str, name: str
) -> None:
    """It is never accepted, not by IF NOT EXISTS either, and there is no second one beside it."""
    files = [BEFORE, file("2_t.sql", logging("2_t.sql", f"{statement};\n"))]
    broken_off(database_url, db, *files)
    assert indexes(db) == {name: False}
    run = migrate(database_url, *files)
    assert len(recovered(run)) == 1
    assert "was broken off" in recovered(run)[0]
    assert indexes(db) == {name: True}
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_an_invalid_index_of_somebody_else_is_not_accepted(database_url: str, db: Database) -> None:
    """It has the name of the one to build, and IF NOT EXISTS would let it pass."""
    migrate(database_url, BEFORE)
    with ThreadPoolExecutor() as threads, connect(database_url) as other, busy(database_url):
        build = threads.submit(other.execute, "create index concurrently i on t (a)")
        wait_for(lambda: db.values("select pid from pg_stat_progress_create_index"))
        while not build.done():  # one that comes between two waits is lost
            other.cancel()
            time.sleep(0.05)
        assert build.exception() is not None
    assert indexes(db) == {"i": False}
    text = "create index concurrently if not exists i on t (a);\n"
    migrate(database_url, BEFORE, file("2_t.sql", logging("2_t.sql", text)))
    assert indexes(db) == {"i": True}


def test_a_build_that_still_runs_is_waited_for(database_url: str, db: Database) -> None:
    """It is told who builds and how far that is; there is no second build, and no refusal."""
    migrate(database_url, BEFORE)
    text = "create index concurrently if not exists i on t (a);\n"
    second = file("2_t.sql", logging("2_t.sql", text))
    with ThreadPoolExecutor() as threads, connect(database_url) as other:
        with busy(database_url):
            build = threads.submit(other.execute, "create index concurrently i on t (a)")
            wait_for(lambda: indexes(db) == {"i": False})
            run = events(database_url, BEFORE, second, wait="60s")
            told = next(event for event in run if isinstance(event, Waiting))
            assert f"pid {other.info.backend_pid} builds the index public.i" in told.reason
            assert "index build: waiting for" in told.reason
        rest = list(run)
        assert build.exception() is None
    assert names(rest) == ["2_t.sql"]
    assert not recovered(rest)
    assert indexes(db) == {"i": True}


def test_a_build_that_does_not_end_is_not_waited_for_for_ever(
    database_url: str, db: Database
) -> None:
    """After --wait it is a refusal that names the process, and the index is left alone."""
    migrate(database_url, BEFORE)
    second = file("2_t.sql", "create index concurrently i on t (a);\n")
    with ThreadPoolExecutor() as threads, connect(database_url) as other:
        with busy(database_url):
            build = threads.submit(other.execute, "create index concurrently i on t (a)")
            wait_for(lambda: indexes(db) == {"i": False})
            with pytest.raises(Refusal, match="1 s of --wait") as refused:
                migrate(database_url, BEFORE, second, wait="1s")
            assert f"pid {other.info.backend_pid}" in refused.value.details[0]
        assert build.exception() is None


def test_a_duplicate_leaves_nothing_behind(
    ajour: Cli, database_url: str, db: Database, project: Project
) -> None:
    """A unique index that cannot be built is dropped: it would refuse rows although INVALID."""
    project.migration("1_t.sql", BEFORE.text + "update t set a = 1;\n")
    second = "create table u ();\ncommit;\ncreate unique index concurrently i on t (a);\n"
    project.migration("2_t.sql", logging("2_t.sql", second))
    said = ajour("migrate", code=4).stderr
    assert "supabase/migrations/2_t.sql:3:1" in said
    assert "SQLSTATE 23505" in said
    assert "The INVALID index that it left behind was dropped." in said
    assert indexes(db) == {}
    assert ran_once(db, ["1_t.sql"])
    at = "step 2 was begun, at supabase/migrations/2_t.sql:3:1: the index on t is not there"
    assert f"interrupted  2_t.sql  (1 of 3 steps done; {at})" in ajour("status").stdout.splitlines()
    db.run("update t set a = b")
    ajour("migrate")
    assert indexes(db) == {"i": True}
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_leftovers_of_reindex_are_dropped(database_url: str, db: Database) -> None:
    """The half-built copy goes, and the index is built anew under its name."""
    index = file("2_t.sql", logging("2_t.sql", "create index i on t (a);\n"))
    files = [BEFORE, index, file("3_t.sql", logging("3_t.sql", "reindex table concurrently t;\n"))]
    broken_off(database_url, db, *files)
    assert indexes(db) == {"i": True, "i_ccnew": False}
    assert "i_ccnew" in recovered(migrate(database_url, *files))[0]
    assert indexes(db) == {"i": True}
    assert ran_once(db, ["1_t.sql", "2_t.sql", "3_t.sql"])


def test_a_drop_is_taken_up(database_url: str, db: Database) -> None:
    """DROP INDEX CONCURRENTLY leaves an INVALID index when it is broken off; that one goes too."""
    index = file("2_t.sql", logging("2_t.sql", "create index i on t (a);\n"))
    drop = file("3_t.sql", logging("3_t.sql", "drop index concurrently i;\n"))
    broken_off(database_url, db, BEFORE, index, drop)
    assert indexes(db) == {"i": False}
    migrate(database_url, BEFORE, index, drop)
    assert indexes(db) == {}
    assert ran_once(db, ["1_t.sql", "2_t.sql", "3_t.sql"])


@since(14, "DETACH PARTITION CONCURRENTLY")
def test_a_detach_is_finalized(
    ajour: Cli, database_url: str, db: Database, project: Project
) -> None:
    """A partition that is half detached can only be FINALIZEd, and status says what it is."""
    parts = "create table t (a int) partition by range (a);\n"
    parts += "create table t1 partition of t for values from (0) to (10);\n"
    parts += "create table t2 partition of t for values from (10) to (20);\n"
    files = [
        file("1_t.sql", LOG + logging("1_t.sql", parts)),
        file("2_t.sql", logging("2_t.sql", "alter table t detach partition t2 concurrently;\n")),
    ]
    for each in files:
        project.migration(each.name, each.text)
    broken_off(database_url, db, *files)
    assert "t2 is half detached" in ajour("status").stdout
    migrate(database_url, *files)
    left = "select inhrelid::regclass::text from pg_inherits where inhparent = 't'::regclass"
    assert db.values(left) == ["t1"]
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_a_failure_does_not_look_like_a_success_later(database_url: str, db: Database) -> None:
    """What was never there is not taken for something that an earlier run dropped."""
    files = [BEFORE, file("2_t.sql", "drop index concurrently nope;\n")]
    for _ in range(2):
        with pytest.raises(MigrationFailed, match="does not exist"):
            migrate(database_url, *files)
    assert ran_once(db, ["1_t.sql"])


def test_another_statement_is_not_taken_for_the_one_that_was_begun(
    database_url: str, db: Database
) -> None:
    """The file was mended: what stands there now has not been run, whatever is there."""
    first = file("1_t.sql", BEFORE.text + "create table u (a int unique);\n")
    with pytest.raises(MigrationFailed, match="nope"):
        migrate(database_url, first, file("2_t.sql", "create index concurrently on t (nope);\n"))
    text = "create index concurrently on u (a);\n"
    run = migrate(database_url, first, file("2_t.sql", logging("2_t.sql", text)))
    assert not recovered(run)
    assert indexes(db, "u") == {"u_a_key": True, "u_a_idx": True}
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_names_are_looked_up_as_the_file_sets_them(
    ajour: Cli, database_url: str, db: Database, project: Project
) -> None:
    """A search_path of an earlier step holds for what a later run looks for, and for status."""
    first = file("1_t.sql", BEFORE.text + "create schema s; create table s.t (a int);\n")
    text = "set search_path = s;\ncreate index concurrently i on t (a);\nreset search_path;\n"
    second = file("2_t.sql", logging("2_t.sql", text))
    for each in (first, second):
        project.migration(each.name, each.text)
    broken_off(database_url, db, first, second, table="s.t")
    assert "index s.i is INVALID" in ajour("status").stdout
    migrate(database_url, first, second)
    assert indexes(db, "s.t") == {"s.i": True}
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_another_process_waits_for_the_one_that_builds(
    ajour: Cli, database_url: str, db: Database, project: Project
) -> None:
    """It names the process and how far its build is, and builds nothing itself."""
    migrate(database_url, BEFORE)
    project.migration("1_t.sql", BEFORE.text)
    second = file("2_t.sql", logging("2_t.sql", "create index concurrently i on t (a);\n"))
    project.migration("2_t.sql", second.text)
    with busy(database_url), ajour.start("migrate") as process:
        wait_for(lambda: processes(db, WAITS))
        (pid,) = processes(db, WAITS)
        run = events(database_url, BEFORE, second, wait="60s")
        told = next(event for event in run if isinstance(event, Waiting))
        assert f"the lock is held by pid {pid}" in told.reason
        assert "(index build: waiting for" in told.reason
        process.kill()
        process.communicate()
    assert names(list(run)) == ["2_t.sql"]
    assert indexes(db) == {"i": True}
    assert ran_once(db, ["1_t.sql", "2_t.sql"])

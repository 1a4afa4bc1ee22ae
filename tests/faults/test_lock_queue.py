import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ajour.db import history
from ajour.db.retry import Budget
from ajour.errors import MigrationFailed, Refusal
from ajour.events import Done, Event, Retrying, Running, Waiting
from projects import Cli, Project, wait_for
from runs import events, file, migrate
from servers import Connection, connect

FIRST = file("1_a.sql", "create table t (a int);")
ALTER = file("2_b.sql", "alter table t add column b int;")
LONG = "select pg_sleep(60)"


@pytest.fixture
def reader(database_url: str) -> Iterator[Connection]:
    """Give a session that has read the table `t` and leaves its transaction open."""
    migrate(database_url, FIRST)
    with connect(database_url) as session:
        session.execute("set application_name = 'a long report'")
        session.execute("begin")
        session.execute("select * from t")
        yield session


def pid(session: Connection) -> int:
    """Return the process id of a session, while it is still the same one."""
    found = session.execute("/* pid */ select pg_backend_pid()").fetchone()
    assert found
    return int(found[0])


@contextlib.contextmanager
def other_readers(url: str) -> Iterator[list[float]]:
    """Read the table `t` again and again from beside; yields when each read was done."""
    done, stop = [time.monotonic()], threading.Event()

    def read() -> None:
        with connect(url) as session:
            while not stop.is_set():
                session.execute("select count(*) from t")
                done.append(time.monotonic())

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def test_a_step_behind_a_reader_is_tried_again(
    database_url: str, reader: Connection, record_property: Callable[[str, object], None]
) -> None:
    """Others wait no longer than it does, the blocker is named, and it succeeds after that one."""
    blocker, retried, last = pid(reader), list[Retrying](), None
    with other_readers(database_url) as reads:
        for event in events(database_url, FIRST, ALTER, lock_timeout="1500ms"):
            last = event
            if isinstance(event, Retrying):
                retried.append(event)
                if event.attempt == 2:
                    assert pid(reader) == blocker
                    reader.execute("commit")
    worst = max(after - before for before, after in pairwise(reads))
    sys.stdout.write(f"\nother readers waited {worst:.2f} s at the most; lock_timeout: 1.5 s\n")
    record_property("worst wait of other readers in s", round(worst, 2))
    assert isinstance(last, Done)
    assert [each.attempt for each in retried] == [1, 2]
    assert retried[0].reason.startswith(f"lock timeout, behind pid {blocker}, user postgres")
    assert "application “a long report”, idle in transaction for " in retried[0].reason
    assert len(reads) > 100
    assert 1.0 < worst < 1.5 + 1


def test_the_budget_of_tries_comes_to_an_end(database_url: str, reader: Connection) -> None:
    """Then the run fails and says who blocks it; that one is left alone, and nothing is done."""
    blocker = pid(reader)
    with pytest.raises(MigrationFailed) as failed:
        list(events(database_url, FIRST, ALTER, budget=Budget(tries=2), lock_timeout="1200ms"))
    assert failed.value.sqlstate == "55P03"
    assert f"pid {blocker}" in " ".join(failed.value.details)
    assert failed.value.where
    assert failed.value.where.line == 1
    assert "--lock-timeout" in (failed.value.hint or "")
    assert failed.value.progress.failed == "2_b.sql"
    assert pid(reader) == blocker
    reader.execute("commit")
    assert reader.execute("select * from t").description
    assert reader.execute("select 1 from pg_attribute where attname = 'b'").fetchall() == []
    migrate(database_url, FIRST, ALTER)


def test_a_budget_of_seconds_comes_to_an_end(database_url: str, reader: Connection) -> None:
    """Time counts as well as tries."""
    began = time.monotonic()
    with pytest.raises(MigrationFailed, match="lock timeout"):
        list(events(database_url, FIRST, ALTER, budget=Budget(seconds=1), lock_timeout="200ms"))
    assert time.monotonic() - began < 10
    assert pid(reader)


@pytest.mark.parametrize(("show", "query"), [(True, "insert into t"), (False, "hidden")])
def test_an_index_build_waits_as_long_as_it_takes(
    database_url: str, show: bool, query: str
) -> None:
    """A lock timeout would leave an INVALID index; instead it is said whom the build waits for.

    What that session runs is not for a log that others read.
    """
    migrate(database_url, FIRST)
    build = file("2_b.sql", "create index concurrently i on t (a);")
    with connect(database_url) as writer:
        writer.execute("begin")
        writer.execute("insert into t values (1)")
        said = None
        for event in events(database_url, FIRST, build, lock_timeout="100ms", show_detail=show):
            if isinstance(event, Running) and event.detail and not said:
                said = event.detail
                assert f"it waits for pid {pid(writer)}, user postgres" in said
                assert "idle in transaction" in said
                assert query in said
                writer.execute("commit")
        assert said
        valid = writer.execute("select indisvalid from pg_index where indexrelid = 'i'::regclass")
        assert valid.fetchone() == (True,)


def test_a_deadlock_is_tried_again(database_url: str) -> None:
    """The migration is the one of the two that the server ends, and it runs whole afterwards."""
    first = file("1_a.sql", "create table t (a int); create table u (a int);")
    second = file("2_b.sql", "alter table t add column b int;\nalter table u add column b int;")
    migrate(database_url, first)
    waits = "select 1 from pg_locks where relation = 'u'::regclass and not granted"
    with connect(database_url) as other, connect(database_url) as beside:
        other.execute("set deadlock_timeout = '30s'")
        other.execute("begin")
        other.execute("lock table u")

        def cross() -> None:
            wait_for(lambda: beside.execute(waits).fetchone())
            other.execute("lock table t")
            other.execute("commit")

        crossing = threading.Thread(target=cross)
        crossing.start()
        happened = list(events(database_url, first, second, budget=Budget(tries=3)))
        crossing.join()
    retried = next(each for each in happened if isinstance(each, Retrying))
    assert retried.reason.startswith("deadlock")
    assert [each.name for each in happened if isinstance(each, Done)] == ["2_b.sql"]


def test_a_serialization_failure_is_tried_again(database_url: str) -> None:
    """Each try begins the file anew; what the earlier ones did is undone."""
    text = """
        insert into t values (1);
        do $$ begin
          if nextval('tries') < 2 then
            raise exception 'not this time' using errcode = 'serialization_failure';
          end if;
        end $$;"""
    first = file("1_a.sql", "create table t (a int); create sequence tries;")
    happened = migrate(database_url, first, file("2_b.sql", text))
    assert [each.reason for each in happened if isinstance(each, Retrying)] == [
        "serialization failure"
    ]
    with connect(database_url) as db:
        assert db.execute("select count(*) from t").fetchone() == (1,)


def test_who_holds_the_lock_is_named(database_url: str, project: Project, cli: Cli) -> None:
    """While it waits and when --wait is over: pid, application, file, since when, and statement."""
    project.migration("20240101_a.sql", f"{LONG};")
    waited: list[Event] = []
    with connect(database_url) as beside, cli.on(database_url).start("migrate") as holder:
        try:
            sleeping = f"select pid from pg_stat_activity where query = '{LONG}'"
            wait_for(lambda: beside.execute(sleeping).fetchone())
            found = beside.execute(sleeping).fetchone()
            with pytest.raises(Refusal, match="held the lock for the 2 s of --wait") as refused:
                waited.extend(events(database_url, file("20240102_b.sql", "select 1;"), wait="2s"))
            assert beside.execute(sleeping).fetchone() == found
        finally:
            holder.terminate()
        assert holder.wait(20) == 143
    assert found
    wait = next(each for each in waited if isinstance(each, Waiting))
    for words in (wait.reason, " ".join(refused.value.details)):
        assert f"pid {found[0]}, user postgres, application “ajour 20240101_a.sql”" in words
        assert "active for " in words
        assert LONG in words


def test_a_history_that_someone_has_locked_is_not_waited_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has locked it is named, after a lock timeout."""
    monkeypatch.setattr(history, "READING", "300ms")
    migrate(database_url, FIRST)
    with connect(database_url) as other:
        other.execute("begin")
        other.execute("lock table migrations")
        with pytest.raises(Refusal, match=r"has locked public\.migrations") as refused:
            migrate(database_url, FIRST, ALTER)
        assert "idle in transaction for " in refused.value.details[0]
        assert "lock table migrations" in refused.value.details[0]
        assert f"pid {pid(other)}," in refused.value.details[0]
        other.execute("commit")
    assert migrate(database_url, FIRST, ALTER)


def test_nobody_is_ever_terminated() -> None:
    """No statement of ours ends another session or its query; only one of a line that is lost."""
    for path in Path(history.__file__).parents[1].rglob("*"):
        if path.suffix in {".py", ".sql"} and path.parent.name != "rules":  # they look for it
            ends = "pg_terminate_backend" in path.read_text("utf-8")
            assert ends == (path.name == "reconnect.sql"), path
            assert "pg_cancel_backend" not in path.read_text("utf-8"), path

"""COMMIT of a quick file does not wait for the disk; what is told of as applied is there.

The server is one that writes its log to disk once a second: what is told too early is lost.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from ajour.db.stop import Stop
from ajour.errors import InDoubt, Interrupted, MigrationFailed
from ajour.events import Event, Started
from ajour.model import Migration
from mortals import Mortal
from projects import Database, wait_for
from proxies import Line
from runs import events, file, migrate, names
from servers import PASSWORD, connect
from witness import is_whole, logging, numbered, processes, ran_once, running

DELAY = 1.0
FIRST, *QUICK = numbered(4)
NAMES = [each.name for each in QUICK]
SLOW = file("05_t.sql", logging("05_t.sql", "select pg_sleep(60);\n"))
WRONG = file("05_t.sql", "select 1/0")


@pytest.fixture
def url(mortal: Mortal) -> Iterator[str]:
    """Give a database of a server that takes its time, and has run a first file."""
    setting(mortal, f"wal_writer_delay = '{DELAY}s'")
    with mortal.server.database(supabase=False) as url:
        migrate(url, FIRST)
        yield url
    setting(mortal, "wal_writer_delay = default")


def setting(mortal: Mortal, change: str) -> None:
    """Change a setting of the whole server."""
    with connect(mortal.server.url("postgres")) as admin:
        admin.execute(f"alter system set {change}")
        admin.execute("select pg_reload_conf()")


@pytest.mark.parametrize("last", [SLOW, WRONG], ids=["a slow one", "one that fails"])
def test_what_is_told_of_survives_a_crash(url: str, mortal: Mortal, last: Migration) -> None:
    """Quick files are told of while a slow one runs, and before it is told that one failed."""
    told: list[Event] = []
    run = events(url, FIRST, *QUICK, last)
    with suppress(MigrationFailed):
        while names(told) != NAMES or last is WRONG:
            told.append(next(run))
    mortal.kill()
    run.close()
    mortal.start()
    assert is_whole(url, FIRST.name, *names(told))
    started = [each.name for each in told if isinstance(each, Started)]
    assert (names(told), started[: len(NAMES)]) == (NAMES, NAMES)


def test_a_run_that_is_stopped_tells_what_is_there(url: str, mortal: Mortal) -> None:
    """What was committed when the signal came is told as applied, when it is on disk."""
    stop = Stop()
    with ThreadPoolExecutor() as pool:
        run = pool.submit(migrate, url, FIRST, *QUICK, SLOW, stop=stop)
        with connect(url) as connection:
            wait_for(lambda: running(Database(connection), "select pg_sleep"))
        stop.requested = True
        with pytest.raises(Interrupted) as stopped:
            run.result()
    mortal.kill()
    mortal.start()
    assert stopped.value.progress.applied == tuple(NAMES)
    assert is_whole(url, FIRST.name, *NAMES)


def test_what_is_held_back_is_in_doubt(line: Line, db: Database) -> None:
    """Their COMMITs were answered; whether they are on disk cannot be asked any more."""
    migrate(line.url, FIRST)
    with ThreadPoolExecutor() as pool:
        run = pool.submit(migrate, line.url, FIRST, *QUICK, SLOW, wait="1s")
        wait_for(lambda: running(db, "select pg_sleep"))
        line.cut(shut=True)
        with pytest.raises(InDoubt) as doubt:
            run.result()
        assert ran_once(db, (FIRST.name, *NAMES))
    assert doubt.value.progress.applied == ()
    assert doubt.value.progress.in_doubt == (*NAMES, SLOW.name)


def test_one_by_one_each_waits_for_the_disk(url: str, mortal: Mortal) -> None:
    """With a window of 1, nothing is told late: there is nothing to wait for."""
    run = events(url, FIRST, *QUICK, SLOW, window="1")
    began = time.monotonic()
    while next(run) != Started(SLOW.name, 1, 1):
        continue
    assert time.monotonic() - began < DELAY
    mortal.kill()
    run.close()
    mortal.start()
    assert is_whole(url, FIRST.name, *NAMES)


def test_who_may_not_ask_waits_as_long_as_it_can_take(url: str, mortal: Mortal) -> None:
    """The server's manual says how long that is."""
    with connect(url) as db:
        db.execute(f"create role mere login password '{PASSWORD}'")
        db.execute("grant all on schema public to mere")
        db.execute("grant insert on log to mere")
        db.execute("alter table migrations owner to mere")
        db.execute("alter table migrations_in_progress owner to mere")
        for (function,) in db.execute(
            "select oid::regprocedure::text from pg_proc where proname = 'pg_logical_emit_message'"
        ):
            db.execute(f"revoke execute on function {function} from public")
    began = time.monotonic()
    with pytest.raises(MigrationFailed, match="division by zero") as failed:
        migrate(url.replace("//postgres:", "//mere:"), FIRST, *QUICK, WRONG)
    assert failed.value.progress.applied == tuple(NAMES)
    assert time.monotonic() - began > 3 * DELAY
    mortal.kill()
    mortal.start()
    assert is_whole(url, FIRST.name, *NAMES)
    with connect(url) as connection:
        connection.execute("drop owned by mere")


def test_a_standby_that_is_to_follow_is_waited_for(url: str, mortal: Mortal) -> None:
    """Where COMMIT waits for other servers it goes on to do so, for each file."""
    setting(mortal, "synchronous_standby_names = '*'")
    with ThreadPoolExecutor() as pool, connect(url) as connection:
        db = Database(connection)
        run = pool.submit(migrate, url, FIRST, *QUICK)
        try:
            wait_for(lambda: processes(db, "wait_event = 'SyncRep'"))
            assert db.history() == [FIRST.name]
        finally:
            setting(mortal, "synchronous_standby_names = default")
        assert names(run.result()) == NAMES

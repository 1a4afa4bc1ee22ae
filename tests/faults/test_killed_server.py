import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from subprocess import Popen
from threading import Timer

import pytest

from mortals import Mortal
from projects import Cli, Database, Finished, Project, checked, wait_for
from servers import connect
from witness import LOG, is_whole, logging, numbered, processes, running

NAP = LOG + "create table nap as select 60 as s;\n"
"""What the migrations sleep by; the tests wake them up."""

SLEEP = "select pg_sleep(s) from nap;\n"


@pytest.fixture
def url(mortal: Mortal) -> Iterator[str]:
    """Give a fresh database on the server that may be killed."""
    with mortal.server.database() as url:
        yield url


@pytest.fixture
def begun(cli: Cli, url: str, project: Project) -> Cli:
    """Give the command on that database, where a first migration was applied."""
    project.migration("1_t.sql", NAP + logging("1_t.sql", "create table t (a int);\n"))
    ajour = cli.on(url)
    ajour("migrate")
    return ajour


def end(process: Popen[str], code: int = 0) -> Finished:
    """Return a run that has ended by itself, with this exit code."""
    try:
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    return checked(Finished(process.args, process.returncode, out, err), code)


def sleeping(url: str, then: Callable[[Database, int], object]) -> None:
    """Wait until a migration sleeps, see to it that its next try does not, then do something."""
    with connect(url) as connection:
        db = Database(connection)
        wait_for(lambda: running(db, "select pg_sleep(s)"))
        (pid,) = running(db, "select pg_sleep(s)")
        db.run("update nap set s = 0")
        then(db, pid)


@pytest.mark.parametrize("window", ["1", "1MB"])
def test_its_process_is_terminated(begun: Cli, url: str, project: Project, window: str) -> None:
    """The run comes back, runs the file again, and goes on."""
    for n in (2, 4):
        project.migration(f"{n}_t.sql", logging(f"{n}_t.sql", f"create table t{n} ();\n"))
    project.migration("3_t.sql", logging("3_t.sql", SLEEP))
    process = begun.start("migrate", "--window", window)
    sleeping(url, lambda db, pid: db.run("select pg_terminate_backend(%s)", pid))
    said = end(process).stdout
    assert "the connection was lost" in said
    assert "terminating connection due to administrator command" in said
    assert said.splitlines()[-1] == "up to date: 3 applied"
    assert is_whole(url, "1_t.sql", "2_t.sql", "3_t.sql", "4_t.sql")


def is_gone(db: Database, pid: int) -> bool:
    """Tell whether a server process has ended; the run may have another by then."""
    return not db.values(f"select 1 from pg_stat_activity where pid = {pid}")


def test_its_process_is_terminated_again(begun: Cli, url: str, project: Project) -> None:
    """At the same place it is final, and it is said what is applied and what is not."""
    project.migration("2_t.sql", logging("2_t.sql", "create table u ();\ncommit;\n" + SLEEP))
    project.migration("3_t.sql", logging("3_t.sql"))
    process = begun.start("migrate")
    with connect(url) as connection:
        db = Database(connection)
        for _ in range(2):
            wait_for(lambda: running(db, "select pg_sleep(s)"))
            (pid,) = running(db, "select pg_sleep(s)")
            db.run("select pg_terminate_backend(%s)", pid)
            wait_for(partial(is_gone, db, pid))
        said = end(process, 4).stderr
        assert "lost twice at the same place" in said
        assert "0 applied in this run" in said
        assert "failed: 2_t.sql (step 1 stays done, step 2 of 2 was rolled back)" in said
        assert "not run: 3_t.sql" in said
        db.run("update nap set s = 0")
    begun("migrate")
    assert is_whole(url, "1_t.sql", "2_t.sql", "3_t.sql")


def test_an_index_build_is_terminated(begun: Cli, url: str, project: Project) -> None:
    """What it left behind is dropped and built anew by the same run."""
    project.migration("2_t.sql", logging("2_t.sql", "create index concurrently t_a on t (a);\n"))
    process = begun.start("migrate")
    waits = "wait_event_type = 'Lock' and query like 'create index%'"
    with connect(url) as connection, connect(url) as other:
        db = Database(connection)
        with other.transaction():
            other.execute("insert into t values (1)")
            wait_for(lambda: processes(db, waits))
            db.run("select pg_terminate_backend(%s)", processes(db, waits)[0])
            wait_for(lambda: not processes(db, waits))
        assert "index public.t_a is INVALID" in end(process).stdout
        assert db.values("select indisvalid from pg_index where indrelid = 't'::regclass") == [True]
    assert is_whole(url, "1_t.sql", "2_t.sql")


def test_a_process_of_the_server_is_killed(begun: Cli, url: str, project: Project) -> None:
    """The server ends all sessions and recovers; the run waits for that and goes on."""
    project.migration("2_t.sql", logging("2_t.sql", SLEEP))
    process = begun.start("migrate")
    sleeping(url, lambda _, pid: os.kill(pid, signal.SIGKILL))
    assert end(process).stdout.splitlines()[-1] == "up to date: 1 applied"
    assert is_whole(url, "1_t.sql", "2_t.sql")


@pytest.mark.parametrize("how", ["killed", "shut down"])
def test_the_server_is_restarted(
    begun: Cli, url: str, mortal: Mortal, project: Project, how: str
) -> None:
    """All that was committed is there, and the run goes on when the server is back."""
    for each in numbered(3):
        project.migration(f"1_{each.name}", each.text.replace(LOG, ""))
    project.migration("2_t.sql", logging("2_t.sql", SLEEP))
    process = begun.start("migrate")
    sleeping(url, lambda *_: mortal.kill() if how == "killed" else mortal.stop())
    Timer(0.3, mortal.start).start()
    said = end(process).stdout
    assert said.splitlines()[-1] == "up to date: 4 applied"
    with connect(url) as connection:
        assert Database(connection).values("select count(*) from log") == [5]
    begun("migrate")

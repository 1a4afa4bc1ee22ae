import os
import signal
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from subprocess import Popen

import pytest

from ajour.db import lock
from ajour.db.stop import Stop
from ajour.errors import Interrupted
from ajour.events import Retrying
from ajour.model import Relation
from projects import Cli, Database, Project, checked, wait_for
from proxies import COMMITTED, Line
from runs import events, file
from servers import connect
from witness import LOG, locked, logging, processes, ran_once, running

BOTH = pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)

SECONDS = 5.0
"""In which a run has ended after a signal."""

WAITS = "wait_event_type = 'Lock'"

SLOW_COMMIT = """create function nap() returns trigger language plpgsql as
  $$ begin perform pg_sleep(2); return null; end $$;
create table slow (a int);
create constraint trigger nap after insert on slow deferrable initially deferred
  for each row execute function nap();
"""


def stopped(
    process: Popen[str], when: Callable[[], object], how: signal.Signals, code: int | None = None
) -> str:
    """Send a signal when something is so, and return what is said until the run has ended."""
    try:
        wait_for(lambda: process.poll() is not None or when())
        process.send_signal(how)
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.communicate()
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    checked(done, 128 + how if code is None else code)
    return out + err


@pytest.fixture
def begun(ajour: Cli, project: Project) -> Project:
    """Give a project whose first migration was applied: it made the tables log and t."""
    project.migration("1_t.sql", LOG + logging("1_t.sql", "create table t (a int);\n"))
    ajour("migrate")
    return project


@BOTH
def test_while_it_connects(cli: Cli, project: Project, how: signal.Signals) -> None:
    """To a port that is open and says nothing, for as long as the address may take."""
    project.migration("1_a.sql", "select 1;")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        process = cli.on(f"postgresql://u:p4ssword@127.0.0.1:{port}/d").start("migrate")
        silent.settimeout(20)
        with silent.accept()[0]:
            assert "topped" in stopped(process, lambda: True, how)


@BOTH
@pytest.mark.parametrize("text", ["select 1;\n", "select 1;\ncommit;\n"], ids=["file", "steps"])
def test_while_it_waits_for_the_lock(
    ajour: Cli, db: Database, begun: Project, how: signal.Signals, text: str
) -> None:
    """It is not waited for any longer."""
    begun.migration("2_t.sql", logging("2_t.sql", text))
    db.run("select pg_advisory_lock(%s)", lock.key(Relation("public", "migrations")))
    process = ajour.start("migrate")
    tries = "state = 'idle' and query like '%pg_catalog.pg_locks%'"
    said = stopped(process, lambda: processes(db, tries), how)
    assert "0 applied in this run" in said
    assert ran_once(db, ["1_t.sql"])


@BOTH
def test_in_a_statement(ajour: Cli, db: Database, begun: Project, how: signal.Signals) -> None:
    """The server is told to give up, the file is rolled back whole, and nobody stays there."""
    begun.migration("2_t.sql", logging("2_t.sql", "create table u ();\n"))
    begun.migration("3_t.sql", logging("3_t.sql", "create table v ();\nselect pg_sleep(60);\n"))
    said = stopped(ajour.start("migrate"), lambda: running(db, "select pg_sleep"), how)
    assert "in the database now: 1 applied in this run: 2_t.sql" in said
    assert "failed: 3_t.sql (rolled back, nothing of it remains)" in said
    wait_for(lambda: not processes(db), 2)
    assert "v" not in db.tables()
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_in_a_copy(ajour: Cli, db: Database, begun: Project) -> None:
    """A COPY is a statement like any other."""
    begun.migration("2_t.sql", logging("2_t.sql", "copy t from stdin;\n1\n\\.\n"))
    process = ajour.start("migrate", "--lock-timeout", "60s")
    with connect(ajour.env["SUPABASE_DB_URL"]) as other, other.transaction():
        other.execute("lock table t")
        stopped(process, lambda: processes(db, f"{WAITS} and query like 'copy t%'"), signal.SIGINT)
    assert ran_once(db, ["1_t.sql"])


@BOTH
def test_until_the_next_try(ajour: Cli, db: Database, begun: Project, how: signal.Signals) -> None:
    """The pause before a file is tried again is cut short."""
    begun.migration("2_t.sql", logging("2_t.sql", "alter table t add b int;\n"))
    process = ajour.start("migrate", "--lock-timeout", "50ms")
    assert process.stdout is not None
    with connect(ajour.env["SUPABASE_DB_URL"]) as other, other.transaction():
        other.execute("lock table t")
        lines = iter(process.stdout.readline, "")
        said = stopped(process, lambda: "try 3 in" in next(lines), how)
    assert "0 applied in this run" in said
    assert ran_once(db, ["1_t.sql"])


def test_while_it_is_being_told(ajour: Cli, db: Database, begun: Project) -> None:
    """The signal came between two steps of the run, which takes note of it when it goes on."""
    url, stop = ajour.env["SUPABASE_DB_URL"], Stop()
    first = file("1_t.sql", (begun.migrations / "1_t.sql").read_text())
    second = file("2_t.sql", logging("2_t.sql", "alter table t add b int;\n"))
    with connect(url) as other, other.transaction():
        other.execute("lock table t")
        run = events(url, first, second, stop=stop, lock_timeout="50ms")
        assert any(isinstance(event, Retrying) for event in run)
        with stop.defer():  # as while a line is written
            stop.requested = True
        with pytest.raises(Interrupted) as stopped:
            next(run)
    assert stopped.value.progress.not_run == ("2_t.sql",)
    assert ran_once(db, ["1_t.sql"])


@BOTH
def test_in_an_index_build(ajour: Cli, db: Database, begun: Project, how: signal.Signals) -> None:
    """It is said what the build leaves behind, and the next run takes that away."""
    text = "create table u ();\ncommit;\ncreate index concurrently t_a on t (a);\n"
    begun.migration("2_t.sql", logging("2_t.sql", text))
    with connect(ajour.env["SUPABASE_DB_URL"]) as other, other.transaction():
        other.execute("insert into t values (1)")
        build = f"{WAITS} and query like 'create index%'"
        said = stopped(ajour.start("migrate"), lambda: processes(db, build), how)
    assert "In the database now: index public.t_a is INVALID" in said
    assert "step 1 stays done" in said
    assert not locked(db)
    now = (
        "1 of 3 steps done; step 2 was begun, at supabase/migrations/2_t.sql:3:1: index public.t_a"
    )
    assert f"({now} is INVALID)" in ajour("status").stdout
    ajour("migrate")
    assert db.values("select indisvalid from pg_index where indrelid = 't'::regclass") == [True]
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_while_it_drops_what_is_left_behind(ajour: Cli, db: Database, begun: Project) -> None:
    """That can take as long as a build."""
    begun.migration("2_t.sql", logging("2_t.sql", "create index concurrently t_a on t (a);\n"))
    with connect(ajour.env["SUPABASE_DB_URL"]) as other, other.transaction():
        other.execute("insert into t values (1)")
        for what in ("create", "drop"):
            waits = f"{WAITS} and query like '{what} index%'"
            process = ajour.start("migrate")
            stopped(process, partial(processes, db, waits), signal.SIGINT)
    ajour("migrate")
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


@BOTH
@pytest.mark.parametrize("window", ["1", "1MB"])
def test_between_the_files_of_a_long_stream(
    ajour: Cli, db: Database, begun: Project, how: signal.Signals, window: str
) -> None:
    """What it says is applied is applied, and nothing else; a later run does the rest."""
    names = [f"{n}_t.sql" for n in range(200, 500)]
    for name in names:
        begun.migration(name, logging(name, "select pg_sleep(0.01);\n"))
    process = ajour.start("migrate", "--window", window)
    said = stopped(process, lambda: len(db.history()) > 30, how)
    applied = [row.split()[1] for row in said.splitlines() if row.startswith("applied")]
    assert 30 <= len(applied) < 300
    assert f"{len(applied)} applied in this run" in said
    assert ran_once(db, ["1_t.sql", *applied])
    wait_for(lambda: not processes(db), 2)
    assert ran_once(db, ["1_t.sql", *applied])


@BOTH
@pytest.mark.parametrize("moment", ["early", "late"])
def test_at_commit(
    ajour: Cli, db: Database, begun: Project, how: signal.Signals, moment: str
) -> None:
    """Its answer is awaited: the file is applied and that is said, or neither."""
    begun.migration("2_t.sql", logging("2_t.sql", SLOW_COMMIT))
    begun.migration("3_t.sql", logging("3_t.sql", "insert into slow values (1);\n"))
    sleeps = "query = 'commit' and wait_event = 'PgSleep'"
    if moment == "late":
        sleeps += " and clock_timestamp() - query_start > interval '1.9 s'"
    process = ajour.start("migrate")
    try:
        wait_for(lambda: processes(db, sleeps))
        process.send_signal(how)
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    applied = [row.split()[1] for row in out.splitlines() if row.startswith("applied")]
    assert ran_once(db, ["1_t.sql", *applied])
    if "3_t.sql" in applied:
        assert process.returncode == 0
        assert "failed:" not in err
    else:
        assert process.returncode == 128 + how
        assert "failed: 3_t.sql (rolled back" in err
    assert moment == "late" or "3_t.sql" not in applied


def test_a_second_one_is_obeyed_at_once(ajour: Cli, db: Database, begun: Project) -> None:
    """Even when the server itself does not react to anything any more."""
    begun.migration("2_t.sql", logging("2_t.sql", "select pg_sleep(60);\n"))
    process = ajour.start("migrate")
    wait_for(lambda: running(db, "select pg_sleep"))
    (pid,) = running(db, "select pg_sleep")
    os.kill(pid, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(1) == 128 + signal.SIGINT
    finally:
        os.kill(pid, signal.SIGCONT)
        process.kill()
        process.communicate()
    wait_for(lambda: not processes(db), 4)
    assert ran_once(db, ["1_t.sql"])


@pytest.mark.parametrize("doubt", [False, True], ids=["nothing in doubt", "in doubt"])
def test_while_the_server_is_away(
    ajour: Cli, db: Database, line: Line, begun: Project, doubt: bool
) -> None:
    """It ends at once, and says so when a COMMIT is in doubt."""
    begun.migration("2_t.sql", logging("2_t.sql", "create table u ();\n"))
    line.cut_at(COMMITTED if doubt else (b"P", b"create table u"), shut=True)
    process = ajour.on(line.url).start("migrate", "--window", "1")
    said = stopped(process, lambda: line.cuts, signal.SIGINT, 5 if doubt else None)
    assert ("in doubt: 2_t.sql" if doubt else "not run: 2_t.sql") in said
    ajour("migrate")
    assert ran_once(db, ["1_t.sql", "2_t.sql"])

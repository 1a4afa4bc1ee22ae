import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from subprocess import Popen

import pytest

from lacking import since
from poolers import pgbouncer
from projects import Cli, Database, Project, wait_for
from proxies import Line
from servers import connect
from witness import LOG, locked, logging, numbered, processes, ran_once, running

FREED = 4.0
"""Seconds after which a server must have noticed: it looks for its client every 2 s."""

notices = since(14, "that a server at work looks for its client")

SLEEPY_COMMIT = """create table naps as select 60 as seconds;
create function nap() returns trigger language plpgsql as
  $$ begin perform pg_sleep(seconds) from naps; return null; end $$;
create table sleepy (a int);
create constraint trigger naps after insert on sleepy deferrable initially deferred
  for each row execute function nap();
"""
"""Makes a table into which a row is written in no time, and COMMIT then takes a minute."""


@pytest.fixture(params=["direct", "pooled"])
def reach(request: pytest.FixtureRequest, cli: Cli, database_url: str) -> Iterator[Cli]:
    """Give the command on a fresh database, with and without a transaction pooler between them."""
    if request.param == "direct":
        yield cli.on(database_url)
    else:
        with pgbouncer(database_url) as pooled:
            yield cli.on(pooled)


@contextmanager
def killed(ajour: Cli, *words: str, when: Callable[[Popen[str]], object]) -> Iterator[None]:
    """Run `ajour migrate` and end it with SIGKILL as soon as something is so."""
    with ajour.start("migrate", *words) as process:
        try:
            wait_for(lambda: process.poll() is not None or when(process))
        finally:
            process.kill()
            said = process.communicate()
    assert process.returncode == -signal.SIGKILL, said
    yield


def test_killed_while_it_idles(reach: Cli, db: Database, project: Project) -> None:
    """Between two statements: the transaction is rolled back, and the next run has the lock."""
    project.migration("1_t.sql", LOG + logging("1_t.sql"))
    project.migration(
        "2_t.sql", logging("2_t.sql", "create table t ();\nselect pg_sleep(0.01);\n" * 1)
    )
    statements = "select pg_sleep(0.01);\n" * 200
    project.migration("2_t.sql", logging("2_t.sql", "create table t ();\n" + statements))
    frozen: list[int] = []

    def idles(process: Popen[str]) -> bool:
        if not frozen and running(db, "select pg_sleep"):
            process.send_signal(signal.SIGSTOP)
            frozen.append(process.pid)
        waits = "wait_event = 'ClientRead' and xact_start is not null"
        return bool(frozen and processes(db, waits))

    with killed(reach, "--window", "1", when=idles):
        wait_for(lambda: not locked(db), FREED)
    assert ran_once(db, ["1_t.sql"])
    reach("migrate")
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


@notices
def test_killed_in_a_statement(reach: Cli, db: Database, project: Project) -> None:
    """The server notices although it is at work, and nothing of the file takes effect."""
    project.migration("1_t.sql", LOG + logging("1_t.sql", "create table nap as select 60 as s;"))
    project.migration(
        "2_t.sql", logging("2_t.sql", "create table t (); select pg_sleep(s) from nap;")
    )
    with killed(reach, when=lambda _: running(db, "select pg_sleep(s)")):
        wait_for(lambda: not locked(db), FREED)
    assert ran_once(db, ["1_t.sql"])
    db.run("update nap set s = 0")
    reach("migrate")
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


@notices
def test_killed_at_commit(reach: Cli, db: Database, project: Project) -> None:
    """A COMMIT that takes long is given up with its client."""
    project.migration("1_t.sql", LOG + logging("1_t.sql", SLEEPY_COMMIT))
    project.migration("2_t.sql", logging("2_t.sql", "insert into sleepy values (1);"))
    with killed(reach, when=lambda _: processes(db, "wait_event = 'PgSleep'")):
        wait_for(lambda: not locked(db), FREED)
    assert ran_once(db, ["1_t.sql"])
    db.run("update naps set seconds = 0")
    reach("migrate")
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_killed_before_it_hears_of_its_commits(
    ajour: Cli, db: Database, line: Line, project: Project
) -> None:
    """What the server committed is applied, and the next run begins behind it."""
    for each in numbered(5):
        project.migration(each.name, each.text)
    line.delay = 0.05

    def deaf(_: Popen[str]) -> bool:
        line.mute = line.mute or bool(processes(db, "application_name like 'ajour %.sql'"))
        return db.tables().count("log") == 1

    with killed(ajour.on(line.url), when=deaf):
        wait_for(lambda: not processes(db), FREED)
    before = db.history()
    assert before
    said = ajour("migrate").stdout.splitlines()
    applied = [row.split()[1] for row in said if row.startswith("applied")]
    assert [*before, *applied] == [each.name for each in numbered(5)]
    assert ran_once(db, [each.name for each in numbered(5)])


@notices
def test_killed_in_an_index_build(ajour: Cli, db: Database, project: Project) -> None:
    """The server gives up the build; the next run drops what it left behind, and builds anew."""
    project.migration("1_t.sql", LOG + "create table t (a int);\n" + logging("1_t.sql"))
    ajour("migrate")
    project.migration("2_t.sql", logging("2_t.sql", "create index concurrently t_a on t (a);\n"))
    with connect(ajour.env["SUPABASE_DB_URL"]) as other, other.transaction():
        other.execute("insert into t values (1)")  # the build waits for this transaction's end
        with killed(ajour, when=lambda _: running(db, "create index")):
            wait_for(lambda: not locked(db), FREED)
        assert db.values("select indisvalid from pg_index where indrelid = 't'::regclass") == [
            False
        ]
    said = ajour("migrate").stdout
    assert "an earlier run was broken off (index public.t_a is INVALID)" in said
    assert db.values("select indisvalid from pg_index where indrelid = 't'::regclass") == [True]
    assert ran_once(db, ["1_t.sql", "2_t.sql"])


def test_killed_between_steps(ajour: Cli, db: Database, project: Project) -> None:
    """Steps that were done stay done, each of them once."""
    steps = "".join(logging(f"{n:02}", "commit; select pg_sleep(0.03);\n") for n in range(30))
    project.migration("1_t.sql", LOG + steps)
    done = "select steps_done from migrations_in_progress where steps_done > 3"
    with killed(ajour, when=lambda _: "migrations_in_progress" in db.tables() and db.values(done)):
        wait_for(lambda: not locked(db), FREED)
    assert len(db.values("select name from log")) == db.values(done)[0] - 1 < 30
    assert "interrupted  1_t.sql" in ajour("status").stdout
    ajour("migrate")
    assert db.values("select name from log order by name") == [f"{n:02}" for n in range(30)]
    assert db.history() == ["1_t.sql"]

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from ajour.api import Project as Api
from ajour.config import load
from ajour.db.history import State, read
from ajour.db.lock import key
from ajour.db.rows import fetch
from ajour.db.session import Session
from ajour.db.statements import Statements
from ajour.errors import MigrationFailed, Refusal
from ajour.events import Planned
from ajour.migrate import Migrate
from ajour.model import Plan
from ajour.plan import compare, make_plan
from ajour.target import parse_url
from poolers import pgbouncer
from projects import Cli, Project, environment, wait_for
from runs import TABLE, file, migrate
from servers import connect
from ways import Way

GATE = """
import sys
import psycopg
import ajour.migrate
from ajour.cli.main import main
print("ready", flush=True)
sys.stdin.readline()
main()
"""
"""A deployer that has done all its loading when it is let go."""

RAN = "create table ran (name text, by int default pg_backend_pid());\n"


def folder(project: Project, count: int, alone: tuple[int, ...]) -> list[str]:
    """Write migrations that each note that they ran; those of `alone` build an index besides."""
    names = [f"{number:02}_step.sql" for number in range(1, count + 1)]
    for number, name in enumerate(names, 1):
        text = f"insert into ran (name) values ('{name}');\n"
        if number in alone:
            text += f"create index concurrently i{number} on ran (name);\n"
        project.migration(name, (RAN if number == 1 else "") + text)
    return names


def deploy_at_once(project: Project, url: str, deployers: int) -> list[str]:
    """Let `deployers` processes go in the same moment; return what each wrote. All must exit 0."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GATE, "migrate", "--wait", "60s"],
            cwd=project.path,
            env=environment() | {"SUPABASE_DB_URL": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for _ in range(deployers)
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        written = [process.communicate(timeout=120)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert {process.returncode for process in processes} == {0}, "\n\n".join(written)
    return written


def each_ran_once(url: str, names: list[str], written: list[str]) -> None:
    """See that every file ran once, that one deployer says so, and that nothing is left over."""
    with connect(url) as db:
        assert db.execute("select name from ran order by name").fetchall() == [(n,) for n in names]
        listed = db.execute("select name from migrations order by executed_at").fetchall()
        assert listed == [(name,) for name in names]
        assert db.execute("select * from migrations_in_progress").fetchall() == []
        assert (
            db.execute("select indexrelid::regclass from pg_index where not indisvalid").fetchall()
            == []
        )
        locks = "select count(*) from pg_locks where locktype = 'advisory'"
        assert db.execute(locks).fetchone() == (0,)
    said = "\n".join(written)
    assert [said.count(f"applied {name} ") for name in names] == [1] * len(names)


@pytest.mark.parametrize(("isolation", "rounds"), [("read committed", 5), ("serializable", 3)])
def test_five_deployers_run_each_file_once(
    project: Project, new_database: Callable[[], str], isolation: str, rounds: int
) -> None:
    """Ten files, two with concurrent index builds, again and again, whatever is the default."""
    names = folder(project, 10, alone=(4, 8))
    for _ in range(rounds):
        url = new_database()
        with connect(url) as db:
            database = url.rpartition("/")[2]
            db.execute(
                f"alter database {database} set default_transaction_isolation = '{isolation}'"
            )
        each_ran_once(url, names, deploy_at_once(project, url, 5))


def test_eight_deployers_make_the_history_once(
    project: Project, new_database: Callable[[], str]
) -> None:
    """On an empty database all begin with CREATE TABLE, and none fails."""
    names = folder(project, 1, alone=())
    for _ in range(2):
        url = new_database()
        written = deploy_at_once(project, url, 8)
        each_ran_once(url, names, written)
        assert "\n".join(written).count("created the history table") == 1


def test_who_comes_while_another_is_at_work_waits_before_it_plans(
    project: Project, cli: Cli, database_url: str
) -> None:
    """It reads no pending file before: when the other has ended, there may be none."""
    project.migration("1_a.sql", "create table a ();")
    cli = cli.on(database_url)
    cli("migrate")
    project.migration("2_b.sql", "select 'not closed")
    assert "is not closed" in cli("migrate", code=3).stderr
    with connect(database_url) as other:
        other.execute("select pg_advisory_lock(%s)", [int(key(TABLE))])
        late = cli.start("migrate", "--wait", "30s")
        waits = "select from pg_stat_activity where query like %s"
        wait_for(lambda: other.execute(waits, ["%advisory%"]).fetchall())
        other.execute("insert into migrations (name) values ('2_b.sql')")
    stdout, stderr = late.communicate(timeout=30)
    assert late.returncode == 0, stderr
    assert "up to date" in stdout


def is_there(db: psycopg.Connection, table: str) -> bool:
    """Tell whether a table was made."""
    return db.execute("select to_regclass(%s) is not null", [table]).fetchone() == (True,)


HELD = "select exists (select from pg_locks where locktype = 'advisory' and granted)"


def test_the_lock_stays_between_two_files(project: Project, cli: Cli, database_url: str) -> None:
    """Nobody gets it there, which would cost both a new plan."""
    files = 40
    for number in range(files):
        text = "select pg_sleep(0.02); create table t%s ();"
        project.migration(f"{number + 10}_a.sql", text % number)
    last = f"t{files - 1}"
    with connect(database_url) as other:
        run = cli.on(database_url).start("migrate")
        wait_for(lambda: is_there(other, "t0"))
        looked = 0
        while not is_there(other, last):
            held = other.execute(HELD).fetchone()
            assert held == (True,) or is_there(other, last)
            looked += 1
        run.communicate(timeout=30)
        assert run.returncode == 0
        assert looked > files
        assert other.execute(HELD).fetchone() == (False,)


@pytest.mark.parametrize("text", ["select 'not closed", "select 1;", "select 1/0;"])
def test_a_run_that_has_ended_leaves_the_lock(
    project: Project, database_url: str, text: str
) -> None:
    """Although its session goes on, and however it ended."""
    project.migration("20240101_a.sql", text)
    settings = load(project.path, {"url": database_url}, {})
    with Api(settings, parse_url(database_url)) as face, connect(database_url) as other:
        with suppress(Refusal, MigrationFailed):
            list(face.migrate(allow_out_of_order=False))
        assert fetch(face.session.pgconn, "select 1") == [("1",)]
        assert other.execute(HELD).fetchone() == (False,)


def test_who_waits_is_patient_while_the_other_gets_on(
    project: Project, cli: Cli, database_url: str
) -> None:
    """--wait is for one transaction of the other, not for all that it has to do."""
    for number in range(8):
        project.migration(
            f"{number + 10}_a.sql", f"select pg_sleep(0.5); create table t{number} ();"
        )
    cli = cli.on(database_url)
    with connect(database_url) as other:
        run = cli.start("migrate")
        wait_for(lambda: is_there(other, "t0"))
        assert "up to date" in cli("migrate", "--wait", "2s").stdout
        run.communicate(timeout=30)
        assert run.returncode == 0


def test_who_waits_does_not_take_the_lock(database_url: str) -> None:
    """It would be in the way of the one at work, who tries the lock before each migration."""
    with connect(database_url) as waits, connect(database_url) as works:
        sql, lock = Statements(TABLE), [int(key(TABLE))]
        with waits.transaction():
            assert fetch(waits.pgconn, sql["lock_held"], [key(TABLE)]) == [(None,)]
            with works.transaction():
                took = works.execute("select pg_try_advisory_xact_lock(%s)", lock)
                assert took.fetchall() == [(True,)]
                assert fetch(waits.pgconn, sql["lock_held"], [key(TABLE)]) != [(None,)]
            assert fetch(waits.pgconn, sql["lock_held"], [key(TABLE)]) == [(None,)]


def test_five_deployers_share_a_pooler(project: Project, new_database: Callable[[], str]) -> None:
    """Through PgBouncer in transaction mode, too, one deployer works and the others wait."""
    names = folder(project, 10, alone=())
    for _ in range(2):
        direct = new_database()
        with pgbouncer(direct, "transaction", size=3) as url:
            written = deploy_at_once(project, url, 5)
        each_ran_once(direct, names, written)


def test_a_transaction_is_sent_when_the_one_before_has_ended(
    project: Project, cli: Cli, pooled_way: Way
) -> None:
    """At its end a pooler lends the server process to others: half of the next would be lost."""
    names = folder(project, 30, alone=())
    done = cli.on(pooled_way.url)("migrate", "--window", "500", timeout=30)
    each_ran_once(pooled_way.direct, names, [done.stdout])


def test_a_plan_that_another_process_has_overtaken_is_made_again(database_url: str) -> None:
    """Who waited for the lock looks again, also in the middle of a migration of several steps."""
    text = """create table t (a int); insert into t values (1), (1);
        create unique index concurrently i on t (a);"""
    steps = file("1_a.sql", text)
    with pytest.raises(MigrationFailed, match="could not create unique index"):
        migrate(database_url, steps)
    session = Session(parse_url(database_url))

    def state() -> State:
        return read(session.pgconn, TABLE, ("anon", "authenticated"))

    old = [state()]
    with connect(database_url) as db:
        db.execute("delete from t")
    migrate(database_url, steps)  # the other process is faster

    def plan() -> tuple[Plan, State]:
        found = old.pop() if old else state()
        return make_plan(compare((steps,), found.history), found.history, table=TABLE), found

    settings = load(Path("/nowhere"), {"url": database_url, "wait": "5s"}, {})
    happened = list(Migrate(settings, session, plan).events())
    session.close()
    assert [type(each) for each in happened] == [Planned]

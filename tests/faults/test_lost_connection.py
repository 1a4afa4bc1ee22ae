from concurrent.futures import ThreadPoolExecutor
from threading import Timer

import pytest

from ajour.errors import InDoubt, MigrationFailed
from ajour.events import Recovered
from ajour.model import Migration
from poolers import pgbouncer
from projects import Cli, Database, Project, wait_for
from proxies import COMMIT, COMMITTED, Kind, Line, proxy
from runs import file, migrate, names
from witness import LOG, logging, numbered, ran_once, running

STEPS = """create table log (name text); create table t (a int);
commit;
create index concurrently t_a on t (a);
insert into log values ('1_t.sql');
commit;
drop index concurrently t_a;
create unique index concurrently on t (a);
"""

EITHER = pytest.mark.parametrize("kind", [COMMIT, COMMITTED], ids=["before", "after"])
"""The line is cut before COMMIT reaches the server, or after it was done, before its answer."""


def of(files: list[Migration]) -> list[str]:
    """Return the names of migrations."""
    return [each.name for each in files]


@EITHER
@pytest.mark.parametrize("window", ["1", "1MB"])
@pytest.mark.parametrize("nth", [1, 2, 7, 13])
def test_a_cut_at_commit_is_mended(
    db: Database, line: Line, kind: Kind, window: str, nth: int
) -> None:
    """Every file runs once and is reported once, wherever the line breaks.

    The first COMMIT is that of the history table.
    """
    files = numbered(12)
    line.cut_at(kind, nth)
    assert names(migrate(line.url, *files, window=window)) == of(files)
    assert line.cuts == 1
    assert ran_once(db, of(files))


def test_the_command_reports_success_once(
    db: Database, line: Line, cli: Cli, project: Project
) -> None:
    """After a COMMIT whose answer was lost, exit code 0 and one line for each file."""
    for each in numbered(4):
        project.migration(each.name, each.text)
    line.cut_at(COMMITTED, 3)
    said = cli.on(line.url)("migrate").stdout.splitlines()
    assert [row.split()[1] for row in said if row.startswith("applied")] == of(numbered(4))
    assert said[-1] == "up to date: 4 applied"
    assert ran_once(db, of(numbered(4)))


@EITHER
@pytest.mark.parametrize("nth", range(2, 9))
def test_a_cut_between_steps_is_mended(db: Database, line: Line, kind: Kind, nth: int) -> None:
    """A file of several steps goes on with the step whose COMMIT was lost, or with the next one."""
    line.cut_at(kind, nth)
    assert names(migrate(line.url, file("1_t.sql", STEPS))) == ["1_t.sql"]
    assert line.cuts == 1
    assert ran_once(db, ["1_t.sql"])
    indexes = db.values(
        "select indexrelid::regclass::text from pg_index where indrelid = 't'::regclass"
    )
    assert indexes == ["t_a_idx"]


@pytest.mark.parametrize("tag", ["CREATE INDEX", "DROP INDEX"])
def test_an_index_whose_answer_was_lost_is_not_built_twice(
    db: Database, line: Line, tag: str
) -> None:
    """What the server finished is recorded as it is."""
    line.cut_at((b"C", f"{tag}\0".encode()))
    events = migrate(line.url, file("1_t.sql", STEPS))
    (told,) = (each.message for each in events if isinstance(each, Recovered) and each.name)
    assert told.startswith("an earlier run brought it about: index ")
    assert names(events) == ["1_t.sql"]
    assert ran_once(db, ["1_t.sql"])


def test_a_copy_that_is_cut_is_made_anew(db: Database, line: Line) -> None:
    """The line breaks between two pieces of its data; no row is there twice."""
    data = "".join(f"{n}\n" for n in range(50_000))
    files = [
        file("1_t.sql", LOG + logging("1_t.sql", "create table t (a int);\n")),
        file("2_t.sql", logging("2_t.sql", f"copy t from stdin;\n{data}\\.\n")),
    ]
    line.cut_at((b"d", b"25"), 3)
    assert names(migrate(line.url, *files)) == of(files)
    assert line.cuts == 1
    assert db.values("select count(*) from t") == [50_000]
    assert ran_once(db, of(files))


def test_answers_that_never_came_are_found(db: Database, line: Line) -> None:
    """The server goes on with what it has got, and the run waits for that and reports it."""
    files = numbered(8)
    files[0] = file("01_t.sql", LOG + logging("01_t.sql", "select pg_sleep(0.7);"))
    with ThreadPoolExecutor() as threads:
        run = threads.submit(migrate, line.url, *files)
        wait_for(lambda: running(db, "select pg_sleep"))
        line.cut()
        assert names(run.result()) == of(files)
    assert ran_once(db, of(files))


def test_nothing_at_all_was_heard(db: Database, line: Line) -> None:
    """Not even the first answer: the server's process is known from the connection itself."""
    files = numbered(8)
    migrate(line.url, files[0])
    files[1] = file("02_t.sql", logging("02_t.sql", "select pg_sleep(0.7);"))
    line.cut_at((b"C", b"DISCARD ALL\0"))
    assert names(migrate(line.url, *files)) == of(files[1:])
    assert line.cuts == 1
    assert ran_once(db, of(files))


def test_a_server_that_is_away_for_a_while_is_waited_for(db: Database, line: Line) -> None:
    """It answers again after a second, and nothing was lost."""
    files = numbered(6)
    line.cut_at(COMMITTED, 4, shut=True)
    timer = Timer(1.0, line.open)
    with ThreadPoolExecutor() as threads:
        run = threads.submit(migrate, line.url, *files)
        wait_for(lambda: line.cuts)
        timer.start()
        assert names(run.result()) == of(files)
    assert ran_once(db, of(files))


def test_a_server_that_stays_away_leaves_a_doubt(
    ajour: Cli, db: Database, line: Line, project: Project
) -> None:
    """Exit code 5, what is in doubt and what is not, and the command that tells the truth later."""
    files = numbered(3)
    for each in files:
        project.migration(each.name, each.text)
    line.cut_at(COMMITTED, 3, shut=True)
    said = ajour.on(line.url)("migrate", "--wait", "1s", "--window", "1", code=5).stderr
    assert "1 applied in this run: 01_t.sql" in said
    assert "in doubt: 02_t.sql\n" in said
    assert "not run: 03_t.sql\n" in said
    assert "next: When the server is back: ajour status." in said
    line.open()
    assert "applied  02_t.sql" in ajour.on(line.url)("status").stdout
    assert "up to date: 1 applied" in ajour.on(line.url)("migrate").stdout
    assert ran_once(db, of(files))


def test_many_in_flight_are_all_in_doubt(db: Database, line: Line) -> None:
    """Whatever was sent and not answered may have been applied, also when it never arrived."""
    files = numbered(9)
    line.cut_at(COMMIT, 5, shut=True)
    with pytest.raises(InDoubt) as doubt:
        migrate(line.url, *files, wait="1s")
    told = doubt.value.progress
    assert (*told.applied, *told.in_doubt, *told.not_run) == tuple(of(files))
    assert set(told.applied) <= set(db.history()) <= {*told.applied, *told.in_doubt}


def test_without_a_commit_on_its_way_nothing_is_in_doubt(
    ajour: Cli, db: Database, line: Line, project: Project
) -> None:
    """Exit code 4: the server rolls back what it was at."""
    project.migration("1_t.sql", LOG + logging("1_t.sql"))
    project.migration("2_t.sql", logging("2_t.sql", "create table t (); select pg_sleep(0);\n"))
    line.cut_at((b"P", b"pg_sleep"), shut=True)
    said = ajour.on(line.url)("migrate", "--wait", "1s", "--window", "1", code=4).stderr
    assert "had not been committed" in said
    assert "1 applied in this run: 1_t.sql" in said
    assert "not run: 2_t.sql" in said
    assert "in doubt" not in said
    assert ran_once(db, ["1_t.sql"])


def test_a_second_loss_at_the_same_place_is_final(db: Database, line: Line) -> None:
    """It is not tried for ever; what is applied is told, and a later run goes on."""
    files = numbered(3)
    migrate(line.url, files[0])
    line.cut_at((b"P", b"create table t02"), 1)
    line.cut_at((b"P", b"create table t02"), 2)
    with pytest.raises(MigrationFailed, match="twice at the same place") as failure:
        migrate(line.url, *files)
    assert failure.value.progress.applied == ()
    assert failure.value.progress.not_run == ("02_t.sql", "03_t.sql")
    assert names(migrate(line.url, *files)) == of(files[1:])
    assert ran_once(db, of(files))


def test_losses_at_many_places_are_all_mended(db: Database, line: Line) -> None:
    """As long as it goes on between them, also within one file."""
    text = "commit;\n".join(f"create table t{n} ();\n" for n in range(5))
    files = [file("1_t.sql", LOG + logging("1_t.sql")), file("2_t.sql", logging("2_t.sql", text))]
    for nth in range(2, 8):
        line.cut_at(COMMITTED, nth)
    events = migrate(line.url, *files)
    assert names(events) == of(files)
    assert line.cuts == 6
    assert ran_once(db, of(files))


def test_a_line_that_only_we_know_to_be_dead(db: Database, line: Line) -> None:
    """The server's process waits for us and would do so for hours: after 5 s that is believed."""
    files = numbered(3)
    line.cut_at(COMMITTED, 3, half=True)
    assert names(migrate(line.url, *files, window="1")) == of(files)
    assert ran_once(db, of(files))


@EITHER
@pytest.mark.parametrize("place", ["client", "server"])
def test_a_cut_before_or_behind_a_pooler(
    database_url: str, db: Database, kind: Kind, place: str
) -> None:
    """PgBouncer closes the connection that is left, and the run mends it as without one."""
    files = numbered(8)
    if place == "client":
        with pgbouncer(database_url) as pooled, proxy(pooled) as line:
            line.cut_at(kind, 4)
            assert names(migrate(line.url, *files)) == of(files)
            assert line.cuts == 1
    else:
        with proxy(database_url) as line, pgbouncer(line.url) as pooled:
            line.cut_at(kind, 4)
            assert names(migrate(pooled, *files)) == of(files)
            assert line.cuts == 1
    assert ran_once(db, of(files))

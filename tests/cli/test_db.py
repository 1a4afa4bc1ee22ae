from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from ajour.engines import embedded
from projects import Cli, Database, Project, documents
from servers import connect

ARGUMENTS = r"\! cat /proc/$PPID/cmdline 2>/dev/null || ps -o args= -p $PPID"
"""The command line of psql, as every user of the machine can read it."""


@pytest.fixture
def running(cli: Cli, project: Project) -> Iterator[Database]:
    """Give a look into the embedded server of a project that has two applied migrations."""
    project.migration("20240101_a.sql", "create table a (n int);")
    project.migration("20240102_b.sql", "insert into a values (1);")
    cli("migrate")
    url = embedded.address(project.path)
    assert url is not None
    with connect(url) as connection:
        yield Database(connection)


def test_start_and_stop(cli: Cli, project: Project) -> None:
    """Both say what is so now, also when there is nothing to do."""
    assert cli("db", "stop").stdout == "it was not running\n"
    assert not (project.path / ".ajour").exists()
    (server,) = documents(cli("db", "start", "--json"))
    said = cli("db", "start").stdout
    assert f"port {server['port']}, pid {server['pid']}" in said
    assert str(project.path / ".ajour" / "data") in said
    assert cli("db", "stop").stdout == "stopped\n"
    assert not embedded.status(project.path).running


def test_psql_and_the_url(cli: Cli, running: Database, project: Project) -> None:
    """The words behind `--` go to psql, whose command line has no password."""
    url = cli("db", "url").stdout.strip()
    assert url == embedded.address(project.path)
    words = ("-X", "-At", "-c", "select n, 'it''s' from a", "-c", ARGUMENTS)
    said = cli("db", "psql", "--", *words).stdout
    assert said.startswith("1|it's\n")
    assert "psql" in said.partition("\n")[2]
    password = urlsplit(url).password
    assert password
    assert password not in said


def test_psql_ends_with_its_own_code(cli: Cli, running: Database) -> None:
    """A script that pipes SQL into it sees an error as an error."""
    words = ("-v", "ON_ERROR_STOP=1")
    done = cli("db", "psql", "--", *words, stdin="select nonsense;", code=3)
    assert 'column "nonsense" does not exist' in done.stderr


def test_reset_begins_anew(cli: Cli, running: Database, project: Project) -> None:
    """All that was in it is gone, all migrations are applied, and the address is the same."""
    running.run("insert into a values (2); create table by_hand ()")
    before = embedded.address(project.path)
    assert "--yes" in cli("db", "reset", code=3).stderr
    assert running.values("select n from a order by n") == [1, 2]
    assert cli("db", "reset", "--yes").stdout.splitlines()[-1] == "a new database: 2 applied"
    assert embedded.address(project.path) == before
    with connect(str(before)) as connection:
        now = Database(connection)
        assert now.values("select n from a") == [1]
        assert now.history() == ["20240101_a.sql", "20240102_b.sql"]
        assert "by_hand" not in now.tables()


def test_reset_of_nothing_asks_nothing(cli: Cli, project: Project) -> None:
    """Where there are no data to lose, no --yes is needed; the outcome is one for programs."""
    project.migration("20240101_a.sql", "create table a ();")
    last = documents(cli("db", "reset", "--json"))[-1]
    assert (last["kind"], last["applied"]) == ("UpToDate", 1)


def test_the_url_of_a_database_elsewhere_is_left_alone(
    cli: Cli, project: Project, database_url: str
) -> None:
    """`ajour db` means the embedded server, also when SUPABASE_DB_URL names another."""
    project.migration("20240101_a.sql", "create table a ();")
    cli.on(database_url)("db", "reset", "--yes")
    assert embedded.status(project.path).running
    with connect(database_url) as connection:
        assert Database(connection).tables() == []

"""The pytest plugin, in a pytest of its own on a project of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from projects import Project, environment
from servers import PASSWORD, Server, connect

MIGRATION = "create table notes (id int primary key); alter table notes enable row level security;"

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_fresh(ajour_database, number):
    db = ajour_database.connect()
    assert db.execute("select count(*) from notes").fetchone() == (0,)
    assert db.execute("select name from migrations").fetchall() == [("20240101_a.sql",)]
    db.execute("insert into notes values (%s)", [number])
    with open("seen", "a") as seen:
        seen.write(f"{ajour_database.target.port} {ajour_database.target.dbname}\\n")
"""


@dataclass(frozen=True)
class Pytest:
    """Runs pytest in a project, with the plugin and nothing of ours beside it."""

    project: Project

    def __call__(self, *words: str, code: int = 0, **env: str) -> str:
        """Return what it prints; it must end with the exit code, and never show the password."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
        done = subprocess.run(
            [*command, "-p", "ajour.testing"],
            cwd=self.project.path,
            env=environment() | {"SUPABASE_DB_URL": "postgresql://nobody@127.0.0.1:1/none"} | env,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        assert PASSWORD not in said
        return said

    def seen(self) -> list[list[str]]:
        """Return port and database of each test that ran."""
        return [line.split() for line in (self.project.path / "seen").read_text().splitlines()]

    def left(self) -> list[Path]:
        """Return the scratch servers that are still there, and the data of theirs in memory."""
        servers = list((self.project.path / ".ajour").glob("scratch-*"))
        datas = [path / "data" for path in servers]
        return servers + [data.readlink() for data in datas if data.is_symlink()]


@pytest.fixture
def run(project: Project) -> Pytest:
    """Give pytest in a project with one migration and four tests."""
    project.migration("20240101_a.sql", MIGRATION)
    project.write("test_it.py", TESTS)
    project.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    return Pytest(project)


def databases(server: Server) -> set[str]:
    """Return the names of the server's databases."""
    with connect(server.url("template1")) as db:
        return {row[0] for row in db.execute("select datname from pg_database")}


def test_each_test_has_a_database_of_its_own(run: Pytest) -> None:
    """Every test finds the migrations run and no row of another; afterwards nothing is left."""
    assert "4 passed" in run()
    ports, names = zip(*run.seen(), strict=True)
    assert len(set(ports)) == 1
    assert len(set(names)) == 4
    assert not run.left()


def test_workers_share_a_server(run: Pytest) -> None:
    """The processes of pytest-xdist use one server, and the last one ends it."""
    assert "4 passed" in run("-n", "2")
    assert len({port for port, _ in run.seen()}) == 1
    assert not run.left()


def test_files_that_change(run: Pytest) -> None:
    """The template is made from the files as they are at each run."""
    run()
    run.project.migration("20240101_a.sql", MIGRATION.replace("notes", "papers"))
    assert 'relation "notes" does not exist' in run(code=1)


def test_settings_of_the_database(run: Pytest) -> None:
    """What the profile and the migrations set for the database holds in its copies."""
    run.project.migration(
        "20240101_a.sql",
        "do $$ begin execute format('alter database %I set app.mode = ''tested''',"
        " current_database()); end $$;",
    )
    run.project.write(
        "test_it.py",
        "def test_it(ajour_database):\n    db = ajour_database.connect()\n"
        "    assert db.execute('show app.mode').fetchone() == ('tested',)\n"
        "    assert db.execute('show search_path').fetchone() == "
        "('\"$user\", public, extensions',)\n",
    )
    assert "1 passed" in run()


def test_a_migration_that_fails(run: Pytest) -> None:
    """The tests fail with the place in the file and no traceback through ajour; nothing is left."""
    run.project.migration("20240102_b.sql", "create table a ();\nalter table nothing add a int;")
    for words in ((), ("-n", "2")):
        said = run(*words, code=1)
        assert "20240102_b.sql:2:1" in said
        assert 'relation "nothing" does not exist' in said
        assert "another exception" not in said
        assert "testing.py" not in said
        assert not run.left()


def test_a_killed_run(run: Pytest) -> None:
    """The server that a killed run leaves is ended by the next one."""
    run.project.write(
        "test_it.py", "import os\ndef test_it(ajour_database):\n    os.kill(os.getpid(), 9)\n"
    )
    run(code=-9)
    left = run.left()
    assert left
    assert all(path.exists() for path in left)
    run.project.write("test_it.py", TESTS)
    assert "4 passed" in run()
    assert not any(path.exists() for path in left)
    assert not run.left()


def test_a_server_of_ones_own(run: Pytest, server: Server) -> None:
    """With --ajour-url databases are made and dropped there, by all workers from one template."""
    before = databases(server)
    assert "4 passed" in run("-n", "2", "--ajour-url", server.url("template1"))
    assert {port for port, _ in run.seen()} == {str(server.port)}
    assert databases(server) == before
    run.project.migration("20240102_b.sql", "alter table nothing add a int;")
    run("--ajour-url", server.url("template1"), code=1)
    assert databases(server) == before


def test_a_server_in_the_configuration(run: Pytest, server: Server, tmp_path: Path) -> None:
    """The project and the server can stand in pytest's configuration."""
    run.project.write(
        "pytest.ini",
        f"[pytest]\najour_project = ../project\najour_database_url = {server.url('template1')}\n",
    )
    assert "4 passed" in run(f"--rootdir={run.project.path}")
    assert {port for port, _ in run.seen()} == {str(server.port)}


def test_pytest_imports_nothing_of_ours(run: Pytest) -> None:
    """A project that asks for no database pays nothing; its tests do not import ajour."""
    run.project.write(
        "test_it.py",
        "import sys\ndef test_it():\n    ours = {m for m in sys.modules if m.startswith('ajour')}\n"
        "    assert ours == {'ajour', 'ajour.testing'}\n"
        "    assert 'psycopg' not in sys.modules\n",
    )
    assert "1 passed" in run()
    assert not (run.project.path / ".ajour").exists()
    assert os.environ.get("PYTEST_CURRENT_TEST")

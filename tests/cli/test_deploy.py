import json
import sys
from collections.abc import Callable

import pytest

from projects import Cli, Database, Project, documents

LOOK = """
import os, psycopg
with psycopg.connect(os.environ["SUPABASE_DB_URL"]) as connection:
    print("compiled:", *connection.execute("select to_regclass('migrations')").fetchone())
"""


PLAIN = 'profile = "plain"\n'
"""With Supabase's rules, a deploy refuses a table in public that everybody reads."""


def build(project: Project, *words: str) -> None:
    """Make `words` the build step, as a project keeps it."""
    project.write("ajour.toml", f"{PLAIN}build = {json.dumps(words)}\n")


def python(project: Project, code: str) -> None:
    """Make Python code the build step: a file at the top of the project."""
    project.write("build.py", code)
    build(project, sys.executable, "build.py")


@pytest.fixture
def pending(project: Project) -> Project:
    """Give a project with one migration."""
    project.write("ajour.toml", PLAIN)
    project.migration("20240102_b.sql", "create table b ();")
    return project


def test_a_second_deploy_has_nothing_to_do(ajour: Cli, pending: Project, db: Database) -> None:
    """The first applies what is pending, the second says that all is up to date."""
    assert ajour("deploy").stdout.endswith("up to date: 1 applied\n")
    assert ajour("deploy").stdout.splitlines()[1:] == ["up to date"]
    assert db.history() == ["20240102_b.sql"]


def test_without_a_url_it_refuses(cli: Cli, pending: Project) -> None:
    """A deploy never goes to the embedded server: none is made, and the build does not run."""
    python(pending, "print('compiled')")
    done = cli("deploy", code=2)
    assert "SUPABASE_DB_URL" in done.stderr
    assert done.stdout == ""
    assert not (pending.path / ".ajour").exists()


# --- the build step ---------------------------------------------------------------------------


def test_the_build_runs_before_the_database_is_touched(
    ajour: Cli, pending: Project, db: Database
) -> None:
    """Its words are passed on, and while it runs there is not even a history table."""
    python(pending, LOOK)
    said = ajour("deploy").stdout.splitlines()
    assert [line.split()[0] for line in said[:2]] == ["database:", "build:"]
    assert said[2:4] == ["compiled: None", "1 pending"]
    assert db.history() == ["20240102_b.sql"]


def test_what_the_build_writes_is_applied_too(ajour: Cli, pending: Project, db: Database) -> None:
    """The folder is read anew after the build, which runs at the top of the project."""
    python(pending, "open('supabase/migrations/20240103_c.sql', 'w').write('select 1;')")
    ajour("deploy", cwd=pending.migrations)
    assert db.history() == ["20240102_b.sql", "20240103_c.sql"]


def test_a_build_that_fails(ajour: Cli, pending: Project, db: Database) -> None:
    """Nothing is applied; its own words and its exit code are there to be read."""
    python(pending, "import sys; print('out'); sys.exit('src/main.ts(3,1): no such name')")
    done = ajour("deploy", code=3)
    assert "out" in done.stdout.splitlines()
    assert "src/main.ts(3,1): no such name" in done.stderr.splitlines()
    assert "The build step failed (exit code 1); the database was not touched." in done.stderr
    assert db.tables() == []


def test_a_build_that_is_not_there(ajour: Cli, pending: Project, db: Database) -> None:
    """It is wrong configuration: the program is named, and the file that names it."""
    build(pending, "npmm", "run", "compile")
    said = ajour("deploy", code=2).stderr
    assert "error: The build step cannot be run: npmm: No such file or directory." in said
    assert "ajour.toml" in said
    assert db.tables() == []


def test_a_build_that_deploys(ajour: Cli, pending: Project, db: Database) -> None:
    """It would go round in a circle, and is refused."""
    build(pending, sys.executable, "-m", "ajour", "deploy")
    said = ajour("deploy", code=3).stderr
    assert "error: The build step of `ajour deploy` runs `ajour deploy` again." in said
    assert db.tables() == []


def test_json_is_pure_although_the_build_speaks(ajour: Cli, pending: Project) -> None:
    """What the build prints goes to standard error; each line of the rest is a document."""
    python(pending, "print('compiled')")
    done = ajour("deploy", "--json")
    kinds = [each["kind"] for each in documents(done)]
    assert kinds == ["Planned", "HistoryPrepared", "Started", "Done", "UpToDate"]
    assert done.stderr.splitlines() == ["compiled"]


# --- what is refused, before the build runs ----------------------------------------------------


def test_out_of_order_is_refused(
    ajour: Cli, pending: Project, db: Database, apply: Callable[[], None]
) -> None:
    """Unless it is allowed: then it is applied, and that is said."""
    apply()
    python(pending, "print('compiled')")
    pending.migration("20240101_a.sql", "select 1;")
    done = ajour("deploy", code=3)
    assert "sorting before migrations that were executed: 20240101_a.sql" in done.stderr
    assert "--allow-out-of-order" in done.stderr
    assert "compiled" not in done.stdout.splitlines()
    assert db.history() == ["20240102_b.sql"]
    assert "[out-of-order]" in ajour("deploy", "--allow-out-of-order").stderr
    assert db.history() == ["20240101_a.sql", "20240102_b.sql"]


def test_an_edited_file_is_refused(ajour: Cli, pending: Project, apply: Callable[[], None]) -> None:
    """There is nothing to build for."""
    apply()
    python(pending, "print('compiled')")
    pending.migration("20240102_b.sql", "create table c ();")
    done = ajour("deploy", code=3)
    assert "20240102_b.sql was edited after it was executed" in done.stderr
    assert "compiled" not in done.stdout.splitlines()


def test_a_failure(ajour: Cli, pending: Project, db: Database) -> None:
    """A deploy fails as `ajour migrate` does, so that the new code does not start."""
    pending.migration("20240103_c.sql", "select nonsense;")
    said = ajour("deploy", code=4).stderr
    assert "  in the database now: 1 applied in this run: 20240102_b.sql" in said.splitlines()
    assert db.history() == ["20240102_b.sql"]

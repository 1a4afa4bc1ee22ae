from collections.abc import Callable

import pytest

from ajour.errors import MigrationFailed
from projects import Cli, Database, Project, documents

READ_ONLY = "?options=-c%20default_transaction_read_only%3Don"


@pytest.fixture
def mixed(project: Project, apply: Callable[[], None]) -> Project:
    """Give a project with something of everything: a to d were applied."""
    for letter in "abcd":
        project.migration(f"20240102_{letter}.sql", f"create table {letter} ();")
    apply()
    project.migration("20240102_b.sql", "create table b (edited int);")
    (project.migrations / "20240102_c.sql").unlink()
    project.migration("20240101_old.sql", "select 1;")
    project.migration("20240103_new.sql", "select 1;")
    return project


def test_what_is_so(ajour: Cli, mixed: Project) -> None:
    """Each migration of folder or history stands in a line that begins with what it is."""
    said = ajour("status").stdout.splitlines()
    words = [tuple(line.split()[:2]) for line in said[1:-1]]
    assert words == [
        ("applied", "20240102_a.sql"),
        ("applied", "20240102_d.sql"),
        ("edited", "20240102_b.sql"),
        ("missing", "20240102_c.sql"),
        ("pending", "20240101_old.sql"),
        ("pending", "20240103_new.sql"),
    ]
    assert said[5].endswith("(sorts before an applied one)")
    assert said[-1] == "2 pending, 3 applied, but history and folder disagree: see above"


def test_the_same_as_json(ajour: Cli, mixed: Project) -> None:
    """It is one document."""
    (now,) = documents(ajour("status", "--json"))
    assert now["kind"] == "Status"
    assert [row["name"] for row in now["applied"]] == ["20240102_a.sql", "20240102_d.sql"]
    assert {row["applied_by"] for row in now["applied"]} == {"postgres"}
    assert now["edited"] == ["20240102_b.sql"]
    assert now["missing"] == ["20240102_c.sql"]
    assert now["pending"] == ["20240101_old.sql", "20240103_new.sql"]
    assert now["out_of_order"] == ["20240101_old.sql"]
    assert now["unfinished"] == now["renamed"] == []


def test_a_file_that_was_renamed(ajour: Cli, mixed: Project) -> None:
    """It is missing under its old name and pending under the new one; a program reads the pair."""
    (mixed.migrations / "20240102_d.sql").rename(mixed.migrations / "20240102_e.sql")
    (now,) = documents(ajour("status", "--json"))
    assert now["renamed"] == [{"old": "20240102_d.sql", "new": "20240102_e.sql"}]
    assert "20240102_d.sql" in now["missing"]
    assert "20240102_e.sql" in now["pending"]


def test_a_file_that_was_interrupted(
    ajour: Cli, project: Project, apply: Callable[[], None]
) -> None:
    """It is said how far it came, until a later run has finished it."""
    file = project.migration("20240101_a.sql", "create table a ();\ncommit;\nselect nope;")
    with pytest.raises(MigrationFailed):
        apply()
    at = "(1 of 2 steps done; step 2 begins at supabase/migrations/20240101_a.sql:3:1)"
    assert f"interrupted  20240101_a.sql  {at}" in ajour("status").stdout.splitlines()
    (now,) = documents(ajour("status", "--json"))
    assert [(row["name"], row["steps_done"]) for row in now["unfinished"]] == [
        ("20240101_a.sql", 1)
    ]
    file.write_text("create table a ();\ncommit;\nselect 1;")
    apply()
    assert ajour("status").stdout.splitlines()[-1] == "up to date"


def test_it_needs_no_right_to_write(
    cli: Cli, project: Project, database_url: str, apply: Callable[[], None]
) -> None:
    """Before the first run and after it, a session that may only read is enough."""
    project.migration("20240101_a.sql", "create table a ();")
    reader = cli.on(database_url + READ_ONLY)
    assert "1 pending" in reader("status").stdout
    reader("migrate", code=3)  # so the session is read-only indeed
    apply()
    assert reader("status").stdout.splitlines()[-1] == "up to date"


def test_nothing_is_made(ajour: Cli, project: Project, db: Database) -> None:
    """On an empty database there is no history afterwards either."""
    project.migration("20240101_a.sql", "create table a ();")
    ajour("status")
    assert db.tables() == []

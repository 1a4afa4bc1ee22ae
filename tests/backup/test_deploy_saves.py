"""A deploy that destroys: refused, or saved first; and what was destroyed comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projects import Cli, Database, Project, documents
from servers import connect

DROP = """-- ajour: allow drop-column nobody reads it any more
alter table notes drop column secret;
"""


@pytest.fixture
def db(plain_database_url: str) -> Iterator[Database]:
    """Give a look into the database."""
    with connect(plain_database_url) as connection:
        yield Database(connection)


@pytest.fixture
def filled(cli: Cli, project: Project, db: Database, plain_database_url: str) -> Cli:
    """Give the command on a database with a filled table, all files applied."""
    project.write("ajour.toml", 'backup_folder = "../backups"\nprofile = "plain"\n')
    project.migration(
        "20240101_a.sql",
        "create table notes (id int primary key, secret text);"
        "insert into notes select n, 'secret ' || n from generate_series(1, 50) n;",
    )
    command = cli.on(plain_database_url)
    command("deploy")
    return command


ROWS = "select (id, secret)::text from notes order by id"


def saved(cli: Cli) -> list[str]:
    """Return the ids of all backups."""
    return [each["id"] for each in documents(cli("backups", "--json"))[0]["backups"]]


def test_a_dropped_column_comes_back(filled: Cli, project: Project, db: Database) -> None:
    """Refused; with the comment saved and dropped; brought back beside, equal, and taken over."""
    before = db.values(ROWS)
    project.migration("20240102_b.sql", "alter table notes drop column secret;")
    assert "[drop-column]" in filled("deploy", code=3).stderr
    assert saved(filled) == []
    project.migration("20240102_b.sql", DROP)
    done = filled("deploy")
    (name,) = saved(filled)
    assert f"backup {name}: " in done.stdout
    assert done.stdout.index("verified") < done.stdout.index("applied 20240102_b.sql")
    assert "before 20240102_b.sql" in filled("backups").stdout
    told = filled("restore", name, "--table", "public.notes").stdout
    (beside,) = db.values("select tablename from pg_tables where tablename like 'notes_restored%'")
    assert db.values(ROWS.replace("notes", beside)) == before
    for line in told.splitlines():
        if line.startswith("  "):
            db.run(line.strip())
    assert db.values(ROWS) == before


def test_what_destroys_nothing_is_not_saved(filled: Cli, project: Project) -> None:
    """By itself it saves what is worth it; `always` and `never` do as they say."""
    project.migration("20240102_b.sql", "create table b (id int primary key);")
    filled("deploy")
    assert saved(filled) == []
    project.migration("20240103_c.sql", "create table c (id int primary key);")
    filled("deploy", "--backup", "always")
    assert len(saved(filled)) == 1
    project.migration("20240104_d.sql", "-- ajour: allow drop-table empty\ndrop table c;")
    filled("deploy", "--backup", "never")
    assert len(saved(filled)) == 1


def test_a_silent_rule_still_saves(filled: Cli, project: Project) -> None:
    """A rule that the settings turn off says nothing, and what it would find is saved first."""
    project.migration("20240102_b.sql", "drop table notes;")
    project.write(
        "ajour.toml",
        'backup_folder = "../backups"\nprofile = "plain"\n[rules]\ndrop-table = "off"\n',
    )
    filled("deploy")
    assert len(saved(filled)) == 1


def test_without_a_backup_nothing_runs(filled: Cli, project: Project, db: Database) -> None:
    """Where none can be made, the deploy ends before the first migration."""
    project.migration("20240102_b.sql", "create table b (id int primary key);")
    project.migration("20240103_c.sql", "-- ajour: allow drop-table not needed\ndrop table notes;")
    refused = filled("deploy", "--backup-max", "1kB", code=3)
    assert "Nothing was run, for there is no backup." in refused.stderr
    assert db.history() == ["20240101_a.sql"]
    assert db.tables() == ["migrations", "migrations_in_progress", "notes"]


def test_where_no_table_has_a_row(filled: Cli, project: Project, db: Database) -> None:
    """There is nothing to save, and no file is made."""
    db.run("truncate notes")
    project.migration("20240102_b.sql", "-- ajour: allow drop-table not needed\ndrop table notes;")
    filled("deploy")
    assert saved(filled) == []
    assert not list(Path(project.path.parent).glob("backups/*"))

from collections.abc import Callable

import pytest

from projects import Cli, Database, Project, documents

A, B = "20240101_a.sql", "20240102_b.sql"
TEXT = "create table a (); -- é\n"


@pytest.fixture
def applied(project: Project, apply: Callable[[], None]) -> Project:
    """Give a project of two applied migrations."""
    project.migration(A, TEXT)
    project.migration(B, "create table b ();")
    apply()
    return project


def test_a_lost_file_comes_back(ajour: Cli, applied: Project) -> None:
    """It is written as it was run, byte for byte, and all agrees again."""
    (applied.migrations / A).unlink()
    assert "git log" in ajour("migrate", code=3).stderr
    assert ajour("fetch").stdout.splitlines()[-1] == f"wrote supabase/migrations/{A}"
    assert (applied.migrations / A).read_bytes() == TEXT.encode()
    assert ajour("migrate").stdout.splitlines()[-1] == "up to date"


def test_nothing_is_overwritten(ajour: Cli, applied: Project) -> None:
    """A file that is there stays as it is, edited or not."""
    applied.migration(B, "-- edited")
    assert ajour("fetch").stdout.splitlines()[-1] == "nothing to do: every file is there"
    assert (applied.migrations / B).read_text() == "-- edited"


def test_rows_without_text(ajour: Cli, applied: Project, db: Database) -> None:
    """They are named, a program reads them, and the exit code says that something is left."""
    (applied.migrations / A).unlink()
    (applied.migrations / B).unlink()
    db.run("update migrations set sql = null where name = %s", B)
    (done,) = documents(ajour("fetch", "--json", code=1))
    assert done["paths"] == [f"supabase/migrations/{A}"]
    assert done["left"] == [{"name": B, "why": "its text was not kept"}]
    assert not (applied.migrations / B).exists()


def test_an_older_table_keeps_no_text(ajour: Cli, project: Project, db: Database) -> None:
    """A table that a script made has no such column: nothing is written and nothing breaks."""
    db.run("create table migrations (name text primary key, executed_at timestamptz)")
    db.run("insert into migrations values (%s, now())", A)
    assert f"left out {A}: its text was not kept" in ajour("fetch", code=1).stdout


@pytest.mark.parametrize(
    "name",
    [
        "../20240103_c.sql",
        "/tmp/20240103_c.sql",
        "sub/20240103_c.sql",
        "..\\20240103_c.sql",
        ".20240103_c.sql",
        "20240103_c.txt",
        "20240103_\x1b[31m.sql",
        "20240103_\u202ecba.sql",
        f"20240103_{'é' * 130}.sql",
    ],
)
def test_a_name_that_is_not_safe(ajour: Cli, applied: Project, db: Database, name: str) -> None:
    """No row makes ajour write outside the folder, nor a file that would not run."""
    db.run("insert into migrations (name, executed_at, sql) values (%s, now(), 'x')", name)
    before = sorted(applied.path.parent.rglob("*.sql"))
    said = ajour("fetch", code=1).stdout
    assert "a file of the folder cannot have this name" in said
    assert "\x1b" not in said
    assert sorted(applied.path.parent.rglob("*.sql")) == before


def test_the_same_name_in_other_letters(ajour: Cli, applied: Project, db: Database) -> None:
    """Two files that macOS would take for one are not made."""
    db.run(
        "insert into migrations (name, executed_at, sql) values (%s, now(), 'x')",
        A.replace("a.", "A."),
    )
    assert "in other letters" in ajour("fetch", code=1).stdout


def test_a_text_that_was_changed(ajour: Cli, applied: Project, db: Database) -> None:
    """What does not have the checksum of its row is not what was run, and is not written."""
    (applied.migrations / A).unlink()
    db.run("update migrations set sql = 'drop table a' where name = %s", A)
    assert "not the one that its checksum is of" in ajour("fetch", code=1).stdout
    assert not (applied.migrations / A).exists()


def test_a_link_is_not_followed(ajour: Cli, applied: Project) -> None:
    """What stands in the file's place already is refused as any bad file of the folder."""
    outside = applied.path / "outside"
    (applied.migrations / A).unlink()
    (applied.migrations / A).symlink_to(outside)
    ajour("fetch", code=3)
    assert not outside.exists()

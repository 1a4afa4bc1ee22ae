from collections.abc import Callable

import pytest

from projects import Cli, Database, Project, documents

A, B, C = "20240101_a.sql", "20240102_b.sql", "20240103_c.sql"


@pytest.fixture
def applied(project: Project, apply: Callable[[], None]) -> Project:
    """Give a project of two applied migrations."""
    project.migration(A, "create table a ();")
    project.migration(B, "create table b ();")
    apply()
    return project


# --- what can be done -------------------------------------------------------------------------


def test_accept(ajour: Cli, applied: Project, db: Database) -> None:
    """An edited file is taken as it is now; it does not run again, and all agrees."""
    applied.migration(A, "create table a (); -- edited")
    said = ajour("repair", "--accept", A, "--yes").stdout.splitlines()
    assert said[1].split()[:2] == ["accept", f"{A}:"]
    assert said[-1] == "repaired"
    assert db.values("select sql from migrations where name = %s", A) == [
        "create table a (); -- edited"
    ]
    assert ajour("migrate").stdout.splitlines()[-1] == "up to date"


def test_rename(ajour: Cli, applied: Project, db: Database) -> None:
    """The row of a renamed file follows it, with all else that it says."""
    (applied.migrations / B).rename(applied.migrations / C)
    before = db.values("select executed_at from migrations order by name")
    ajour("repair", "--rename", B, C, "--yes")
    assert db.history() == [A, C]
    assert db.values("select executed_at from migrations order by name") == before
    assert ajour("migrate").stdout.splitlines()[-1] == "up to date"


def test_forget(ajour: Cli, applied: Project, db: Database) -> None:
    """A row is taken out: its file is pending again."""
    ajour("repair", "--forget", B, "--yes")
    assert db.history() == [A]
    db.run("drop table b")
    assert f"applied {B}" in ajour("migrate").stdout


def test_mark_applied(ajour: Cli, applied: Project, db: Database) -> None:
    """A file is recorded without being run."""
    applied.migration(C, "create table c ();")
    ajour("repair", "--mark-applied", C, "--yes")
    assert db.history() == [A, B, C]
    assert "c" not in db.tables()
    assert ajour("migrate").stdout.splitlines()[-1] == "up to date"


def test_mark_applied_begins_a_history(ajour: Cli, project: Project, db: Database) -> None:
    """A database that was made by hand gets its history, closed to the API as any other."""
    project.migration(A, "create table a ();")
    ajour("repair", "--mark-applied", A, "--yes")
    assert db.history() == [A]
    assert db.values("select has_table_privilege('anon', 'migrations', 'select')") == [False]
    assert db.tables() == ["migrations", "migrations_in_progress"]


def test_several_at_once(ajour: Cli, applied: Project, db: Database) -> None:
    """All are done, and a program reads which."""
    applied.migration(A, "-- edited")
    applied.migration(C, "select 1;")
    words = ("--accept", A, "--forget", B, "--mark-applied", C)
    (done,) = documents(ajour("repair", *words, "--yes", "--json"))
    assert [(each["kind"], each["name"]) for each in done["repairs"]] == [
        ("accept", A),
        ("forget", B),
        ("mark-applied", C),
    ]
    assert db.history() == [A, C]


# --- it asks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [("y\n", 0, [A]), ("n\n", 130, [A, B]), ("\n", 130, [A, B]), ("\x04", 130, [A, B])],
    ids=["yes", "no", "enter", "end"],
)
def test_it_asks(
    ajour: Cli, applied: Project, db: Database, answer: str, code: int, left: list[str]
) -> None:
    """What it will do is shown first; any answer but yes changes nothing."""
    shown = ajour.on_terminal("repair", "--forget", B, answer=answer, code=code)
    assert shown.index(f"forget        {B}") < shown.index("Change the history like this?")
    assert db.history() == left


@pytest.mark.parametrize(
    ("words", "meanwhile", "left"),
    [
        (("--forget", B), f"delete from migrations where name = '{B}'", [A]),
        (("--mark-applied", C), f"insert into migrations (name) values ('{C}')", [A, B, C]),
    ],
    ids=["forgotten", "recorded"],
)
def test_another_process_was_faster(
    ajour: Cli,
    applied: Project,
    db: Database,
    words: tuple[str, ...],
    meanwhile: str,
    left: list[str],
) -> None:
    """If the history is another one when the answer comes, all that was asked for is refused."""
    applied.migration(C, "select 1;")
    words = ("--forget", A, *words)
    shown = ajour.on_terminal(
        "repair", *words, answer="y\n", meanwhile=lambda: db.run(meanwhile), code=3
    )
    assert "The history was changed by another process meanwhile" in shown
    assert db.history() == left


@pytest.mark.parametrize("json", [(), ("--json",)], ids=["text", "json"])
def test_nobody_to_ask(ajour: Cli, applied: Project, db: Database, json: tuple[str, ...]) -> None:
    """Without a terminal it is refused: --yes must be given."""
    assert "--yes" in ajour("repair", "--forget", B, *json, code=3, stdin="y\n").stderr
    assert db.history() == [A, B]


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--accept", "20240101_aa.sql"), f"Did you mean {A}?"),
        (("--forget", "20240102_bb.sql"), f"Did you mean {B}?"),
        (("--rename", "20240101_aa.sql", C), f"Did you mean {A}?"),
        (("--rename", A, "20240103_cc.sql"), f"Did you mean {C}?"),
        (("--mark-applied", "20240103_cc.sql"), f"Did you mean {C}?"),
        (("--forget", "nothing-like-it"), "`ajour status` lists what there is."),
        (("--accept", C), f"ajour repair --mark-applied {C}"),
        (("--mark-applied", A), f"ajour repair --accept {A}"),
        (("--rename", A, B), f"ajour repair --forget {A}"),
    ],
)
def test_a_name_that_does_not_fit(
    ajour: Cli, applied: Project, db: Database, words: tuple[str, ...], says: str
) -> None:
    """It is refused with what was meant instead, and nothing is changed."""
    applied.migration(C, "select 1;")
    assert says in ajour("repair", *words, "--yes", code=3).stderr
    assert db.history() == [A, B]


def test_nothing_was_named(ajour: Cli, applied: Project) -> None:
    """It is wrong usage."""
    assert "ajour repair --help" in ajour("repair", "--yes", code=2).stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--forget", A, "--forget", "20240109_unknown.sql"),
        ("--forget", A, "--forget", A),
        ("--rename", A, C, "--forget", A),
        ("--mark-applied", C, "--mark-applied", C),
        ("--rename", A, C, "--rename", B, C),
    ],
    ids=["unknown", "twice", "both", "recorded twice", "one name for two"],
)
def test_all_or_nothing(ajour: Cli, applied: Project, db: Database, words: tuple[str, ...]) -> None:
    """When one of several cannot be done, none is."""
    applied.migration(C, "select 1;")
    said = ajour("repair", *words, "--yes", code=3).stderr
    assert "is named twice" in said or "is not in the history" in said
    assert db.history() == [A, B]

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ajour.catalog.diff import diff
from catalogs import catalog
from lacking import since
from projects import Cli, Database, Project, documents
from servers import Server, connect

pytestmark = since(18, "what the embedded server has")

BEFORE = """
create table notes (id int primary key, body text not null, gone text not null default 'x');
alter table notes enable row level security;
create policy own on notes to authenticated using (gone <> '');
create index notes_gone on notes (gone);
insert into notes values (1, 'one', 'first');
"""

DROP = "drop policy own on notes;\nalter table notes drop column gone;\n"


@pytest.fixture
def begun(ajour: Cli, project: Project) -> Cli:
    """Give the command, where the first migration is applied."""
    project.migration("20240101_begin.sql", BEFORE)
    ajour("migrate")
    return ajour


def written(project: Project) -> Path:
    """Return the one file that was written by a revert."""
    (path,) = project.migrations.glob("*_revert_*.sql")
    return path


def decided(path: Path) -> None:
    """Edit the file as a person would who goes without: every block that stops it is deleted."""
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"^do \$\$ begin raise .*$\n", "", text, flags=re.MULTILINE), "utf-8")


def test_the_last_one_is_undone(begun: Cli, project: Project, database_url: str) -> None:
    """The file is named after it and begins with where it is from; run, the schema is as before."""
    before = catalog(database_url)
    project.migration(
        "20240102_add_tags.sql",
        "create table tags (id int primary key, note_id int references notes);\n"
        "alter table notes add color text default 'red';\n"
        "create view red with (security_invoker = on) as\n"
        "select id from notes where color = 'red';\n"
        "alter table notes rename body to text;\n",
    )
    begun("migrate")
    said = begun("revert").stdout.splitlines()
    path = written(project)
    assert said[1] == f"created supabase/migrations/{path.name}"
    assert re.fullmatch(r"20\d{6}_revert_add_tags\.sql", path.name)
    assert path.read_text().startswith("-- Undoes 20240102_add_tags.sql\n-- sha256 ")
    begun("migrate")
    assert diff(before, catalog(database_url)) == ()


def test_nothing_is_run(begun: Cli, project: Project, db: Database) -> None:
    """The database and its history are as they were."""
    project.migration("20240102_a.sql", "create table a (id int primary key);")
    begun("migrate")
    begun("revert")
    assert db.history() == ["20240101_begin.sql", "20240102_a.sql"]
    assert "a" in db.tables()


def test_what_cannot_come_back_stops_the_file(
    begun: Cli, project: Project, db: Database, database_url: str
) -> None:
    """It is said at its place, and fails until a person has decided there."""
    before = catalog(database_url)
    project.migration("20240102_drop.sql", DROP)
    begun("migrate")
    said = begun("revert").stdout
    assert "does not come back: The values of column public.notes.gone are gone." in said
    path = written(project)
    failed = begun("migrate", code=4).stderr
    assert "irreversible: The values of column public.notes.gone are gone." in failed
    assert db.history() == ["20240101_begin.sql", "20240102_drop.sql"]
    decided(path)
    begun("migrate")
    assert diff(before, catalog(database_url), column_order=False) == ()
    assert db.values("select gone from notes") == ["x"]


def test_rows_that_are_in_the_way(begun: Cli, project: Project, db: Database) -> None:
    """Where they lack values, the tables were emptied for the proof: the file says so, and how."""
    project.migration("20240102_drop.sql", "alter table notes drop column body;")
    begun("migrate")
    (said,) = documents(begun("revert", "--json"))
    assert (said["proven"], said["emptied"]) == (True, ["public.notes"])
    path = written(project)
    text = path.read_text()
    assert "-- With rows it did not run; emptied for the proof: public.notes.\n" in text
    decided(path)
    assert "contains null values" in begun("migrate", code=4).stderr
    begin, end = text.index("-- Write here"), text.index("alter table public.notes alter")
    path.write_text(f"{text[:begin]}update notes set body = 'again';\n{text[end:]}")
    begun("migrate")
    assert db.values("select body from notes") == ["again"]


def test_a_later_migration_depends_on_it(begun: Cli, project: Project) -> None:
    """It is named, with what would be undone as well; others are no hindrance."""
    project.migration("20240102_a.sql", "create table a (id int primary key);")
    project.migration("20240103_other.sql", "create table other (id int primary key);")
    project.migration("20240104_more.sql", "alter table a add v int;")
    begun("migrate")
    failed = begun("revert", "20240102_a.sql", code=3).stderr
    assert "20240104_more.sql depends on 20240102_a.sql; nothing was written." in failed
    assert "column public.a.v" in failed
    assert list(project.migrations.glob("*_revert_*")) == []
    begun("revert", "other")
    assert written(project).name.endswith("_revert_other.sql")


def test_a_later_migration_is_in_the_way(begun: Cli, project: Project) -> None:
    """The inverse does not run behind one that needs what it drops."""
    project.migration("20240102_a.sql", "create table a (id int primary key);")
    project.migration("20240103_b.sql", "create table b (a_id int references a);")
    begun("migrate")
    failed = begun("revert", "20240102_a", code=3).stderr
    assert "20240103_b.sql depends on 20240102_a.sql; nothing was written." in failed
    assert "next: Undo that one first: ajour revert 20240103_b.sql" in failed


def test_an_unproven_inverse(begun: Cli, project: Project) -> None:
    """It is refused with the difference, and written on demand with that in its head."""
    project.migration(
        "20240102_tree.sql",
        "create table top (id int); create table below () inherits (top);",
    )
    project.migration("20240103_leave.sql", "alter table below no inherit top;")
    begun("migrate")
    failed = begun("revert", code=3).stderr
    assert "The inverse of 20240103_leave.sql is not proven; nothing was written." in failed
    assert "column public.below.id (inherited)" in failed
    said = begun("revert", "--unproven").stdout
    assert "not proven: Undone, the schema is another one" in said
    assert "-- NOT PROVEN:\n-- Undone, the schema is another one" in written(project).read_text()


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("nope", 2, "No applied migration is named nope."),
        ("20240102_pending.sql", 3, "is not applied: there is nothing to undo."),
        ("2024", 2, "is the name of several migrations"),
        ("20240103_edited", 3, "was edited since it was applied"),
    ],
)
def test_what_is_not_undone(begun: Cli, project: Project, name: str, code: int, words: str) -> None:
    """A name that means no applied file, or several, and a file that is not what was run."""
    edited = project.migration("20240103_edited.sql", "select 1;")
    project.migration("20240104_last.sql", "select 1;")
    begun("migrate")
    edited.write_text("select 2;")
    project.migration("20240102_pending.sql", "select 1;")
    assert words in begun("revert", name, code=code).stderr
    assert list(project.migrations.glob("*_revert_*")) == []


def test_nothing_is_applied(ajour: Cli) -> None:
    """There is nothing to undo."""
    assert "No migration is applied" in ajour("revert", code=3).stderr


def test_a_scratch_server(begun: Cli, project: Project, server: Server) -> None:
    """It is tried on a server of one's own, where nothing is left behind."""
    project.migration("20240102_drop.sql", DROP)
    begun("migrate")
    (said,) = documents(begun("revert", "--json", "--scratch", server.url("template1")))
    assert said["kind"] == "Reverted"
    assert said["proven"] is True
    assert said["undoes"] == "20240102_drop.sql"
    assert said["lost"] == [
        {"what": "The values of column public.notes.gone are gone.", "restore": None}
    ]
    assert (said["reordered"], said["emptied"]) == ([], [])
    with connect(server.url("template1")) as admin:
        left = admin.execute("select datname from pg_database where datname like 'ajour\\_%'")
        assert left.fetchall() == []


def test_rows_that_a_backup_has(begun: Cli, project: Project, db: Database, tmp_path: Path) -> None:
    """The command that brings them back stands beside the loss, and in the file."""
    project.migration(
        "20240102_drop.sql", "-- ajour: allow drop-table it is empty\ndrop table notes;"
    )
    begun("deploy", "--backup", "always", "--backup-folder", str(tmp_path / "kept"))
    assert "notes" not in db.tables()
    said = begun("revert", "--backup-folder", str(tmp_path / "kept")).stdout
    found = re.search(r"a backup has it: (ajour restore \w+ --table public\.notes)", said)
    assert found is not None
    assert f"-- Kept by a backup: {found[1]}\n" in written(project).read_text()


def test_the_soft_form(begun: Cli, project: Project, db: Database) -> None:
    """What a pending migration drops is put away instead, and comes back with its rows."""
    project.migration("20240102_b.sql", "create table b (id int primary key references notes);")
    begun("migrate")
    db.run("insert into b values (1)")
    path = project.migration(
        "20240103_drop.sql",
        f"-- why\n{DROP}alter table notes add color text;\nDROP TABLE IF EXISTS b CASCADE; -- b\n",
    )
    said = begun("new", "--reversible", "20240103_drop.sql").stdout
    assert said.count("is put away instead") == 2
    assert path.read_text() == (
        "-- why\ndrop policy own on notes;\n"
        "alter table notes rename column gone to _dropped_gone;\n"
        "alter table notes alter column _dropped_gone drop not null;\n"
        "alter table notes add color text;\n"
        "create schema if not exists _trash;\n"
        "alter table public.b drop constraint b_id_fkey;\n"
        "alter table b set schema _trash; -- b\n"
    )
    begun("migrate")
    assert "does not come back" not in begun("revert").stdout
    begun("migrate")
    assert db.values("select gone from notes") == ["first"]
    assert db.values("select id from b") == [1]


def test_what_has_no_soft_form(begun: Cli, project: Project) -> None:
    """It is named and left; an applied migration, or one that drops nothing, is not touched."""
    text = "alter table notes drop column gone, add v int;\n"
    path = project.migration("20240103_mixed.sql", text)
    said = begun("new", "--reversible", "20240103_mixed").stdout
    assert "20240103_mixed.sql:1: left as it is. One ALTER TABLE drops columns and does" in said
    assert path.read_text() == text
    assert (
        "is no pending migration" in begun("new", "--reversible", "20240101_begin", code=2).stderr
    )
    path.write_text("select 1;")
    refused = begun("new", "--reversible", "20240103_mixed", code=3).stderr
    assert "drops no column and no table" in refused


def test_the_tool_tries_a_whole_project(project: Project) -> None:
    """Every migration is tried behind those before it; the shares are told at the end."""
    project.migration("20240101_a.sql", "create table a (id int primary key, v int);")
    project.migration("20240102_b.sql", "alter table a drop column v;")
    project.migration("20240103_c.sql", "insert into a values (1);")
    program = Path(__file__).parents[2] / "tools" / "reversible.py"
    words = [sys.executable, str(program), str(project.path), "--verbose"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=True)
    assert "    The values of column public.a.v are gone.\n" in done.stdout
    assert done.stdout.endswith(
        "all: 3 migrations, 100.0 % proven (2 proven, 1 proven with loss)\n"
        "schema only: 2 migrations, 100.0 % proven (1 proven, 1 proven with loss)\n"
    )

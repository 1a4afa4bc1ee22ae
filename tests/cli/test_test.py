from xml.etree import ElementTree as ET

import pytest

from projects import Cli, Project, documents, git

TABLE = """create table notes (id int primary key, body text);
alter table notes enable row level security;"""
POLICY = "create policy reads on notes for select to authenticated using (true);"
SCHEMA = """
create table public.notes (body text, id int, constraint notes_pkey primary key (id));
alter table public.notes enable row level security;
"""


@pytest.fixture
def good(cli: Cli, project: Project) -> Cli:
    """Give the command in a project of two files that run; its own database cannot be reached."""
    project.migration("20240101_a.sql", TABLE)
    project.migration("20240102_b.sql", "create index notes_body on notes (body);")
    project.write("ajour.toml", '[rules]\nindex-not-concurrent = "warning"\n')
    return cli.on("postgresql://nobody@127.0.0.1:1/none")


def test_all_is_well(good: Cli, project: Project) -> None:
    """All files run from nothing, warnings do not fail, and no server is left behind."""
    said = good("test").stdout.splitlines()
    assert said[-2] == "2 run from nothing, 2 undone and applied again"
    assert said[-1].endswith("in 2 files")
    assert not list((project.path / ".ajour").glob("scratch-*"))
    assert not (project.path / ".ajour/data").exists()


def test_a_level(good: Cli) -> None:
    """With --level warnings fail as well."""
    assert "[index-not-concurrent]" in good("test", "--level", "warning", code=1).stdout


def test_a_file_that_does_not_run(good: Cli, project: Project) -> None:
    """It is a finding at its place in the file, and the exit code is 1."""
    project.migration("20240104_d.sql", "create type mood as enum ('high', 'low');")
    project.migration("20240103_c.sql", "select 1;\nalter table made_by_hand add a int;")
    said = good("test", code=1).stdout
    assert "20240103_c.sql:2:" in said
    assert 'relation "made_by_hand" does not exist [does-not-run]' in said
    assert "No file creates made_by_hand: `ajour db base --from URL`" in said
    assert "Not run: 20240104_d.sql." in said
    assert "2 run from nothing" in said


def test_a_finding_of_a_rule(good: Cli, project: Project) -> None:
    """What `ajour check` finds fails the test, unless the file allows it."""
    bad = project.migration("20240103_c.sql", "drop table notes;")
    assert "[drop-table]" in good("test", code=1).stdout
    bad.write_text("-- ajour: allow drop-table it was never used\ndrop table notes;")
    assert "allowed: " in good("test").stdout


def test_what_does_not_come_back(good: Cli, project: Project) -> None:
    """That is a warning which names it, and says how to drop so that it does; a file allows it."""
    text = "{}-- ajour: allow drop-column nobody reads it\nalter table notes drop column body;\n"
    bad = project.migration("20240103_c.sql", "select 1;\n" + text.format(""))
    said = good("test", "--level", "error").stdout
    assert (
        "warning: supabase/migrations/20240103_c.sql: Undone, not everything is as before:"
        " The values of column public.notes.body are gone. [inverse-loses]\n"
        "  `ajour new --reversible` puts away what is dropped: then it comes back.\n"
    ) in said
    assert "3 run from nothing, 3 undone and applied again" in said
    bad.write_text("select 1;\n" + text.format("-- ajour: allow inverse-loses it is empty\n"))
    said = good("test").stdout
    assert "allowed: supabase/migrations/20240103_c.sql: Undone, not everything is" in said
    assert "inverse-loses" not in good("test", "--inverse", "none").stdout


def test_rows_that_do_not_come_back(good: Cli, project: Project) -> None:
    """What a file did to rows is told, and no more than that; some of many are named, once."""
    tables = "".join(f"create table t{n} (id int primary key);" for n in range(4))
    project.migration("20240103_c.sql", tables)
    rows = "insert into t{0} select n from generate_series(1, 3) n; delete from t{0} where id < 9;"
    project.migration("20240104_d.sql", "\n".join(rows.format(n) for n in (3, 2, 1, 0, 0)))
    project.write("ajour.toml", '[rules]\nrls-disabled-in-public = "off"\n')
    said = good("test", "--level", "error").stdout
    assert "info: supabase/migrations/20240104_d.sql: Undone, not everything is as before:" in said
    assert (
        " Rows of table public.t0 were deleted. Rows were inserted into table public.t0;"
        " which ones is not told by a key. Rows of table public.t1 were deleted."
        " And 5 more. [inverse-loses]\n"
    ) in said


def test_an_inverse_that_is_not_proven(good: Cli, project: Project) -> None:
    """It fails the test with the difference; the settings may have it otherwise."""
    project.migration(
        "20240103_tree.sql", "create table up (id int); create table down () inherits (up);"
    )
    project.migration("20240104_leave.sql", "alter table down no inherit up;")
    rules = '[rules]\nindex-not-concurrent = "warning"\nrls-disabled-in-public = "off"\n'
    project.write("ajour.toml", rules)
    said = good("test", code=1).stdout
    assert (
        "error: supabase/migrations/20240104_leave.sql: Its inverse is not proven: Undone," in said
    )
    assert "column public.down.id (inherited)" in said
    assert "4 run from nothing, 3 undone and applied again" in said
    project.write("ajour.toml", f'{rules}inverse-not-proven = "off"\n')
    assert "inverse-not-proven" not in good("test").stdout


def test_a_role(good: Cli, project: Project) -> None:
    """It belongs to the whole server, where it is made once: the file runs, and is not undone."""
    project.migration("20240103_c.sql", "create role reporter nologin;")
    project.migration("20240104_d.sql", "grant select on notes to reporter;")
    said = good("test").stdout
    assert "info: supabase/migrations/20240103_c.sql: Its inverse was not tried" in said
    assert 'does not run: role "reporter" already exists at `create role reporter' in said
    assert said.count("[inverse-not-tried]") == 1
    assert "4 run from nothing, 3 undone and applied again" in said


def test_a_role_that_no_file_makes(good: Cli, project: Project) -> None:
    """The file does not run from nothing: on the server of the project somebody made the role."""
    project.migration("20240103_c.sql", "grant select on notes to somebody;")
    assert 'role "somebody" does not exist [does-not-run]' in good("test", code=1).stdout


def test_new_files_alone(good: Cli, project: Project) -> None:
    """With --since old files run, and only new ones are undone."""
    git(project, "init", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-m", "a")
    project.migration("20240103_c.sql", "alter table notes add column color text;")
    assert "3 run from nothing, 1 undone and applied" in good("test", "--since", "HEAD").stdout
    said = good("test", "--since", "HEAD", "--inverse", "all").stdout
    assert "3 run from nothing, 3 undone and applied" in said


def test_the_last_ones(good: Cli, project: Project) -> None:
    """Where nobody says which files are new, the last ten are undone."""
    for day in range(3, 12):
        project.migration(f"202401{day:02}_c.sql", f"alter table notes add column c{day} int;")
    said = good("test").stdout
    assert "11 run from nothing, 10 undone and applied again\n" in said
    assert "11 run from nothing, 11 undone" in good("test", "--inverse", "all").stdout


def test_a_schema_file_that_fits(good: Cli, project: Project) -> None:
    """Columns may stand in another order; what is compared is named."""
    project.write("supabase/schema.sql", SCHEMA + "create index notes_body on notes (body);")
    said = good("test", "--inverse", "none").stdout
    assert "2 run from nothing, compared with supabase/schema.sql" in said


def test_a_schema_file_that_does_not_fit(good: Cli, project: Project) -> None:
    """What only one of the two has is named, and what is another in each."""
    text = SCHEMA.replace("body text", "body varchar")
    project.write("supabase/schema.sql", text + POLICY)
    said = good("test", code=1).stdout
    assert "index notes_body on public.notes is made by the migrations and missing in" in said
    assert "policy reads on public.notes is in the schema file, and no migration makes it" in said
    assert "column public.notes.body: the migrations and the schema file differ in type" in said
    assert said.count("[schema-differs]") == 3


def test_schema_paths(good: Cli, project: Project) -> None:
    """The files of schema_paths are read in their order, in place of schema.sql."""
    project.write("supabase/schema.sql", "this is not read;")
    project.write("supabase/config.toml", "[db.migrations]\nschema_paths = ['./schemas/*.sql']\n")
    project.write("supabase/schemas/1.sql", SCHEMA)
    project.write("supabase/schemas/2.sql", "create index notes_body on notes (body);")
    said = good("test").stdout
    assert "compared with supabase/schemas/1.sql, supabase/schemas/2.sql" in said


def test_a_schema_file_that_does_not_run(good: Cli, project: Project) -> None:
    """Its mistake has a place."""
    project.write("supabase/schema.sql", "select 1;\nalter table nothing add a int;")
    said = good("test", code=1).stdout
    assert "supabase/schema.sql:2:" in said
    assert "[schema-does-not-run]" in said


def test_as_junit(good: Cli, project: Project) -> None:
    """Each finding is a test case, and so is each file without one."""
    project.migration("20240103_c.sql", "alter table nothing add a int;")
    project.migration("20231231_mood.sql", "create type mood as enum ('high', 'low');")
    suite = ET.fromstring(good("test", "--format", "junit", code=1).stdout).find("testsuite")
    assert suite is not None
    assert (suite.get("name"), suite.get("failures")) == ("ajour test", "1")
    cases = {(case.get("classname"), case.get("name")) for case in suite}
    assert ("supabase/migrations/20231231_mood.sql", "no findings") in cases
    assert ("supabase/migrations/20240103_c.sql", "does-not-run at line 1") in cases


def test_for_people_and_programs(good: Cli, project: Project) -> None:
    """Markdown is a comment on a pull request; JSON says how far it was looked at."""
    project.write("supabase/schema.sql", SCHEMA)
    assert good("test", "--format", "markdown", code=1).stdout.startswith("**ajour test**: 1 error")
    (document,) = documents(good("test", "--json", code=1))
    assert (document["kind"], document["applied"], document["undone"]) == ("Tested", 2, 2)
    assert document["schema"] == ["supabase/schema.sql"]
    assert "schema-differs" in {each["rule"] for each in document["findings"]}

import pytest

from projects import Cli, Database, Project, documents

FILE = "supabase/migrations/20240102_b.sql"


@pytest.fixture
def destructive(ajour: Cli, project: Project) -> Project:
    """Give a project whose table is in the database, and a pending file that drops it."""
    project.migration("20240101_a.sql", "create table users (id bigint);")
    ajour("migrate")
    project.migration("20240102_b.sql", "drop table users;\n")
    return project


def test_a_deploy_refuses_an_error(ajour: Cli, destructive: Project, db: Database) -> None:
    """Nothing was changed; the build does not run; the comment that allows it is shown."""
    destructive.write("ajour.toml", 'build = ["no-such-program"]\n')
    done = ajour("deploy", code=3)
    assert f"at {FILE}:1:12" in done.stderr
    assert "This drops public.users with all its rows. [drop-table]" in done.stderr
    assert "-- ajour: allow drop-table <reason>" in done.stderr
    assert db.history() == ["20240101_a.sql"]
    assert "users" in db.tables()


def test_a_deploy_does_what_the_file_allows(ajour: Cli, destructive: Project, db: Database) -> None:
    """The reason is printed."""
    destructive.migration(
        "20240102_b.sql", "-- ajour: allow drop-table nobody ever used it\ndrop table users;\n"
    )
    done = ajour("deploy")
    assert "allowed: " in done.stderr
    assert "reason: nobody ever used it" in done.stderr
    assert "users" not in db.tables()


def test_a_do_block_hides_nothing(ajour: Cli, destructive: Project, db: Database) -> None:
    """What stands in it is refused, and saved before it is allowed to go."""
    db.run("insert into users values (1)")
    block = "do $$\nbegin\n{}  execute format('drop table %I', 'users');\nend $$;\n"
    destructive.migration("20240102_b.sql", block.format(""))
    done = ajour("deploy", code=3)
    assert f"at {FILE}:3:11" in done.stderr
    assert "users" in db.tables()
    allow = "  -- ajour: allow drop-table nobody ever used it\n"
    destructive.migration("20240102_b.sql", block.format(allow))
    assert "reason: nobody ever used it" in ajour("deploy", "--backup", "auto").stderr
    assert "users" not in db.tables()
    assert "20240102_b.sql" in ajour("backups").stdout


def test_a_setting_can_make_a_warning_of_it(ajour: Cli, destructive: Project, db: Database) -> None:
    """Levels of rules hold for a deploy as well."""
    destructive.write("ajour.toml", '[rules]\ndrop-table = "warning"\n')
    assert f"warning: {FILE}:1:12" in ajour("deploy").stderr
    assert "users" not in db.tables()


def test_development_is_warned(ajour: Cli, destructive: Project, db: Database) -> None:
    """`ajour migrate` says it in a few lines and goes on: of each rule the first, and how many."""
    destructive.migration("20240102_b.sql", "drop table users;\ndrop table if exists a, b;\n")
    done = ajour("migrate")
    assert [line for line in done.stderr.splitlines() if not line.startswith("  Rename")] == [
        f"error: {FILE}:1:12: This drops public.users with all its rows. [drop-table]",
        f"  and 2 more, in {FILE}: `ajour check` shows them",
    ]
    assert "users" not in db.tables()


def test_the_events_have_all_findings(ajour: Cli, destructive: Project) -> None:
    """With --json none is left out."""
    destructive.migration("20240102_b.sql", "drop table users;\ndrop table if exists a, b;\n")
    planned = documents(ajour("migrate", "--json"))[0]
    assert [each["rule"] for each in planned["findings"]] == ["drop-table"] * 3


def test_what_pending_files_create_is_new(ajour: Cli, project: Project, db: Database) -> None:
    """Nobody uses it yet: several files of one run may make, change and drop it."""
    project.migration("20240101_a.sql", "create table users (id bigint, name text);")
    project.migration("20240102_b.sql", "alter table users drop column name;")
    project.migration("20240103_c.sql", "drop table users;")
    assert "[drop-" not in ajour("deploy").stderr
    assert len(db.history()) == 3


def test_who_builds_from_nothing_is_not_warned_of_old_files(
    ajour: Cli, project: Project, db: Database
) -> None:
    """Ten files or fewer are judged; in a longer history the same files say nothing."""
    for number in range(10):
        project.migration(f"202401{number + 1:02}_a.sql", "drop table if exists users;")
    assert "[drop-table]" in ajour("migrate", "--dry-run").stderr
    project.migration("20240111_a.sql", "drop table if exists users;")
    assert ajour("migrate", "--dry-run").stderr == ""
    assert "[drop-table]" in ajour("deploy", code=3).stderr
    assert db.tables() == []

from projects import Cli, Database, Project, documents

CONFIG = "[db]\nmajor_version = 15\n[db.migrations]\nschema_paths = ['./schemas/*.sql']\n"


def test_what_has_no_effect_here_is_said_once(ajour: Cli, project: Project) -> None:
    """Declarative schemas are named as not run; of another server's version nothing is said."""
    project.write("supabase/config.toml", CONFIG)
    project.write("supabase/schemas/a.sql", "create table a ();")
    project.migration("20240101_b.sql", "create table b ();")
    said = ajour("migrate").stderr
    assert said.count("[declarative-schema]") == 1
    assert "other-major-version" not in said


def test_the_embedded_servers_version(cli: Cli, project: Project) -> None:
    """It is said where the project runs on another one, and the run goes on."""
    project.write("supabase/config.toml", CONFIG)
    project.migration("20240101_b.sql", "create table b ();")
    done = cli("migrate")
    assert done.stderr.count("[other-major-version]") == 1
    assert "The project says PostgreSQL 15; the embedded server is PostgreSQL 18." in done.stderr
    assert done.stdout.splitlines()[-1] == "up to date: 1 applied"


def test_a_broken_config_stops_nothing(ajour: Cli, project: Project) -> None:
    """The file is the Supabase CLI's: that it cannot be read is a finding."""
    project.write("supabase/config.toml", "[db\n")
    project.migration("20240101_b.sql", "create table b ();")
    done = ajour("migrate")
    assert done.stderr.count("[config-not-read]") == 1
    assert "up to date: 1 applied" in done.stdout


def test_the_mirror(ajour: Cli, project: Project, db: Database) -> None:
    """The setting is heeded by every command that writes the history; its limits are said once."""
    project.write("ajour.toml", 'mirror = "supabase"\n')
    for name in ("20240101_a.sql", "20240101_b.sql", "c.sql"):
        project.migration(name, f"create table {name[-5]} ();")
    said = ajour("migrate").stderr
    assert said.count("[not-mirrored]") == 2
    assert "20240101_b.sql (after 20240101_a.sql)" in said
    versions = "select version || name from supabase_migrations.schema_migrations order by 1"
    assert db.values(versions) == ["20240101a"]
    ajour("repair", "--forget", "20240101_a.sql", "--yes")
    assert db.values(versions) == []
    ajour("repair", "--mark-applied", "20240101_a.sql", "--yes")
    ajour("deploy")
    assert db.values(versions) == ["20240101b"]  # the one that the history listed by then
    (config,) = documents(ajour("config", "--json"))
    assert config["settings"]["mirror"] == {"value": "supabase", "origin": "ajour.toml"}


def test_an_unknown_mirror(ajour: Cli, project: Project) -> None:
    """What cannot be kept is refused with what can."""
    project.write("ajour.toml", 'mirror = "flyway"\n')
    assert "It is supabase." in ajour("status", code=2).stderr

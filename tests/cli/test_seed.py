from urllib.parse import urlsplit

import pytest

from ajour.engines import embedded
from projects import Cli, Database, Project, documents
from servers import connect

TABLE = "create table fruit (n int generated always as identity, name text unique);"


@pytest.fixture
def fruit(project: Project) -> Project:
    """Give a project with one table."""
    project.migration("20240101_fruit.sql", TABLE)
    return project


def names(project: Project) -> list[str]:
    """Return what was seeded, in its order."""
    url = embedded.address(project.path)
    assert url is not None
    with connect(url) as connection:
        return Database(connection).values("select name from fruit order by n")


def test_reset_seeds(cli: Cli, fruit: Project) -> None:
    """supabase/seed.sql runs behind the migrations, and no history lists it."""
    fruit.write("supabase/seed.sql", "insert into fruit (name) values ('fig');\n")
    said = cli("db", "reset").stdout.splitlines()
    assert [each.split(" (")[0] for each in said[-3:-1]] == [
        "applied 20240101_fruit.sql",
        "seeded supabase/seed.sql",
    ]
    assert said[-1] == "a new database: 1 applied"
    assert names(fruit) == ["fig"]
    assert "seed" not in cli("status").stdout
    assert cli("db", "reset", "--yes", "--no-seed").stdout.splitlines()[-1] == said[-1]
    assert names(fruit) == []


def test_seeds_in_their_order(cli: Cli, fruit: Project) -> None:
    """Those that supabase/config.toml names run in its order, each by name, each once."""
    fruit.write("supabase/config.toml", "[db.seed]\nsql_paths = ['./last/*.sql', './seed.sql']\n")
    fruit.write("supabase/seed.sql", "insert into fruit (name) values ('c');")
    fruit.write("supabase/last/2.sql", "insert into fruit (name) values ('b');")
    fruit.write("supabase/last/1.sql", "insert into fruit (name) values ('a');")
    events = documents(cli("db", "reset", "--json"))
    assert [each["name"] for each in events if each["kind"] == "Seeded"] == [
        "supabase/last/1.sql",
        "supabase/last/2.sql",
        "supabase/seed.sql",
    ]
    assert names(fruit) == ["a", "b", "c"]


def test_a_seed_that_is_switched_off(cli: Cli, fruit: Project) -> None:
    """[db.seed] enabled = false is heeded, and said."""
    fruit.write("supabase/config.toml", "[db.seed]\nenabled = false\n")
    fruit.write("supabase/seed.sql", "insert into fruit (name) values ('fig');")
    assert "seed-disabled" in cli("db", "reset").stderr
    assert names(fruit) == []


def test_what_a_dump_holds(cli: Cli, fruit: Project) -> None:
    """Data of COPY, lines of pg_dump and settings of one file are as in a migration."""
    fruit.write(
        "supabase/config.toml", "[db.seed]\nsql_paths = ['1.sql', '2.sql']\n[db]\nmajor_version=1\n"
    )
    fruit.write(
        "supabase/1.sql",
        "\\restrict abc\nselect set_config('search_path', '', false);\n"
        "copy public.fruit (name) from stdin;\nfig\nkiwi\n\\.\n\\unrestrict abc\n",
    )
    fruit.write("supabase/2.sql", "insert into fruit (name) values ('lime');")
    cli("db", "reset")
    assert names(fruit) == ["fig", "kiwi", "lime"]


def test_a_seed_that_fails(cli: Cli, fruit: Project) -> None:
    """The place is told, what stays is told, and nothing of the file remains."""
    fruit.write(
        "supabase/seed.sql",
        "insert into fruit (name) values ('fig');\ninsert into fruit (nonsense) values (1);\n",
    )
    done = cli("db", "reset", code=4)
    assert "at supabase/seed.sql:2:20" in done.stderr
    assert "1 applied in this run: 20240101_fruit.sql" in done.stderr
    assert "failed: supabase/seed.sql (rolled back, nothing of it remains)" in done.stderr
    assert names(fruit) == []


def test_a_seed_that_cannot_be_read(cli: Cli, fruit: Project) -> None:
    """It is refused before anything is lost."""
    cli("migrate")
    before = embedded.status(fruit.path)
    fruit.write("supabase/seed.sql", "\\i other.sql\n")
    assert "supabase/seed.sql:1:1" in cli("db", "reset", "--yes", code=3).stderr
    assert embedded.status(fruit.path) == before


def test_migrate_seeds_when_asked(ajour: Cli, fruit: Project, db: Database) -> None:
    """--seed runs the files on a local database, each time; without it nothing is seeded."""
    fruit.write("supabase/seed.sql", "insert into fruit (name) values (default);")
    ajour("migrate")
    assert db.values("select count(*) from fruit") == [0]
    assert "seeded supabase/seed.sql" in ajour("migrate", "--seed").stdout
    ajour("migrate", "--seed")
    assert db.values("select count(*) from fruit") == [2]
    ajour("deploy")
    assert db.values("select count(*) from fruit") == [2]


def test_never_on_another_machine(cli: Cli, fruit: Project, database_url: str) -> None:
    """A database elsewhere is refused before anything runs; a deploy has no such flag."""
    fruit.write("supabase/seed.sql", "insert into fruit (name) values ('fig');")
    port = urlsplit(database_url).port
    elsewhere = cli.on(f"postgresql://postgres:secret@db.example.test:{port}/postgres")
    said = elsewhere("migrate", "--seed", code=3).stderr
    assert "seed files are for development" in said
    assert "No such option" in elsewhere("deploy", "--seed", code=2).stderr

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from ajour.db import lock
from ajour.engines import embedded
from ajour.model import Relation
from projects import Cli, Database, Project, documents
from servers import PASSWORD, connect

FIVE = tuple(f"2024010{n}_t{n}.sql" for n in range(1, 6))


@pytest.fixture
def five(project: Project) -> Project:
    """Give a project of five files, each of which makes a table of its own."""
    for name in FIVE:
        project.migration(name, f"create table {name[9:11]} ();\n")
    return project


# --- what is pending runs, once ---------------------------------------------------------------


def test_a_new_file_runs_once(ajour: Cli, project: Project, db: Database) -> None:
    """The first run applies it and records it, the second has nothing to do."""
    project.migration("20240101_a.sql", "create table a (); insert into a default values;")
    said = ajour("migrate").stdout.splitlines()
    assert re.fullmatch(r"applied 20240101_a\.sql \(\d+ ms\)", said[-2])
    assert said[-1] == "up to date: 1 applied"
    again = ajour("migrate").stdout.splitlines()
    assert again[1:] == ["up to date"]
    assert db.values("select count(*) from a") == [1]
    assert db.history() == ["20240101_a.sql"]


def test_a_dry_run_changes_nothing(ajour: Cli, five: Project, db: Database) -> None:
    """It lists the plan, and not even a history table is made."""
    plan = ajour("migrate", "--dry-run").stdout.splitlines()[1:]
    assert plan == ["5 pending, in this order:", *(f"  {name}  1 statement" for name in FIVE)]
    (document,) = documents(ajour("migrate", "--dry-run", "--json"))
    assert (document["kind"], document["pending"]) == ("Plan", list(FIVE))
    assert db.tables() == []


def test_each_line_of_json_is_a_document(ajour: Cli, five: Project) -> None:
    """What happened comes as documents in the order in which it became true."""
    said = documents(ajour("migrate", "--json"))
    names = [(each["kind"], each.get("name")) for each in said if each["kind"] != "Running"]
    pairs = [(kind, name) for name in FIVE for kind in ("Started", "Done")]
    assert names == [("Planned", None), ("HistoryPrepared", None), *pairs, ("UpToDate", None)]
    assert said[0]["pending"] == list(FIVE)
    assert said[-1]["applied"] == 5


def test_another_table_can_hold_the_history(ajour: Cli, five: Project, db: Database) -> None:
    """Its schema is made where it is missing."""
    ajour("migrate", "--table", "kept.history")
    assert db.values("select name from kept.history order by name") == list(FIVE)
    assert "migrations" not in db.tables()


@pytest.mark.parametrize("turn", range(8))
def test_two_runs_at_once(ajour: Cli, project: Project, db: Database, turn: int) -> None:
    """On an empty database each file runs in one of them alone, and both end well."""
    project.migration("20240101_0.sql", "create table runs (file int); insert into runs values (0)")
    for n in range(1, 10):
        project.migration(f"20240102_{n}.sql", f"insert into runs values ({n})")
    both = [ajour.start("migrate") for _ in range(2)]
    said = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert db.values("select file from runs order by file") == list(range(10))
    applied = re.findall(r"^applied (\S+)", said[0][0] + said[1][0], re.MULTILINE)
    assert sorted(applied) == db.history()


# --- what fails -------------------------------------------------------------------------------


def test_a_failure_says_where_and_what_is_left(ajour: Cli, five: Project, db: Database) -> None:
    """The third of five fails: the place, the state, and a second run that goes on from there."""
    broken = five.migration(FIVE[2], "create table t3 ();\nselect nonsense from t3;\n")
    said = ajour("migrate", code=4).stderr.splitlines()
    at = said.index(f"  at supabase/migrations/{FIVE[2]}:2:8")
    assert said[at + 1 : at + 3] == [
        "  2 | select nonsense from t3;",
        "    |        ^^^^^^^^",
    ]
    assert f"  in the database now: 2 applied in this run: {FIVE[0]}, {FIVE[1]}" in said
    assert f"  failed: {FIVE[2]} (rolled back, nothing of it remains)" in said
    assert f"  not run: {FIVE[3]}, {FIVE[4]}" in said
    assert db.history() == list(FIVE[:2])
    assert db.tables() == ["migrations", "migrations_in_progress", "t1", "t2"]
    broken.write_text("create table t3 ();\n")
    assert "up to date: 3 applied" in ajour("migrate").stdout
    assert db.history() == list(FIVE)


def test_a_failure_as_json(ajour: Cli, five: Project) -> None:
    """The last document is the error, with its place, the state and the exit code."""
    five.migration(FIVE[2], "select nonsense;")
    error = documents(ajour("migrate", "--json", code=4))[-1]
    assert (error["kind"], error["error"], error["exit_code"]) == ("Error", "MigrationFailed", 4)
    assert (error["where"]["line"], error["where"]["column"], error["where"]["width"]) == (1, 8, 8)
    assert error["progress"]["applied"] == list(FIVE[:2])
    assert error["progress"]["not_run"] == list(FIVE[3:])
    assert error["sqlstate"] == "42703"


def test_an_error_inside_a_function(ajour: Cli, project: Project) -> None:
    """The statement that called is shown, and the function and its line are named."""
    project.migration(
        "20240101_f.sql",
        "create function halve(n int) returns int language plpgsql as $$\n"
        "begin\n"
        "  return n / 0;\n"
        "end $$;\n"
        "select halve(4);\n",
    )
    said = ajour("migrate", code=4).stderr
    assert "20240101_f.sql:5:" in said
    assert "  5 | select halve(4);" in said
    assert re.search(r"function halve\(integer\) line 3", said)


def test_places_are_named_as_seen_from_here(ajour: Cli, project: Project) -> None:
    """In the folder of migrations itself a file is known by its name alone."""
    project.migration("20240101_a.sql", "select nonsense;")
    said = ajour("migrate", cwd=project.migrations, code=4).stderr
    assert "  at 20240101_a.sql:1:8" in said.splitlines()


def test_a_file_of_several_steps_goes_on_where_it_stopped(
    ajour: Cli, project: Project, db: Database
) -> None:
    """The step before the failure stays done, and the run after the mend does not repeat it."""
    file = project.migration("20240101_a.sql", "create table a (n int);\ncommit;\nselect nope;\n")
    said = ajour("migrate", code=4).stderr
    assert "failed: 20240101_a.sql (step 1 stays done, step 2 of 2 was rolled back)" in said
    file.write_text("create table a (n int);\ncommit;\ninsert into a values (1);\n")
    ajour("migrate")
    assert db.values("select n from a") == [1]
    assert db.history() == ["20240101_a.sql"]


# --- the history and the folder ---------------------------------------------------------------


def test_out_of_order_is_applied_with_a_warning(
    ajour: Cli, project: Project, db: Database, apply: Callable[[], None]
) -> None:
    """In development a file of an older date runs; that it did is said."""
    project.migration("20240102_b.sql", "select 1;")
    apply()
    project.migration("20240101_a.sql", "select 1;")
    said = ajour("migrate").stderr
    assert re.search(r"^warning: 20240101_a\.sql .*\[out-of-order\]$", said, re.MULTILINE)
    assert db.history() == ["20240101_a.sql", "20240102_b.sql"]


def test_an_edited_file_is_refused(
    ajour: Cli, five: Project, db: Database, apply: Callable[[], None]
) -> None:
    """The difference is shown, and nothing runs, not even what is pending."""
    (five.migrations / FIVE[4]).unlink()
    apply()
    five.migration(FIVE[4], "create table t5 ();\n")
    five.migration(FIVE[1], "create table t2 (a int);\n")
    said = ajour("migrate", code=3).stderr.splitlines()
    assert said[0] == f"error: {FIVE[1]} was edited after it was executed."
    assert "  -create table t2 ();" in said
    assert "  +create table t2 (a int);" in said
    assert f"ajour repair --accept {FIVE[1]}" in said[-1]
    assert db.history() == list(FIVE[:4])


# --- other sessions ---------------------------------------------------------------------------


def test_another_run_that_does_not_end(ajour: Cli, five: Project, db: Database) -> None:
    """After the time to wait it is refused, and the holder of the lock is named."""
    key = lock.key(Relation("public", "migrations"))
    (pid,) = db.values("select pg_backend_pid() from pg_advisory_lock(%s)", key)
    said = ajour("migrate", "--wait", "200ms", code=3).stderr
    assert f"pid {pid}, user postgres" in said
    assert db.tables() == []


def test_a_table_that_is_locked_for_a_while(ajour: Cli, project: Project, db: Database) -> None:
    """The file is rolled back, tried again, and applied when the lock is gone."""
    db.run("create table busy ()")
    project.migration("20240101_a.sql", "alter table busy add column a int;")
    db.run("begin; lock table busy")
    with ajour.start("migrate", "--lock-timeout", "50ms") as process:
        assert process.stdout is not None
        said = iter(process.stdout.readline, "")
        assert any("lock timeout, rolled back; try 2" in line for line in said)
        db.run("rollback")
        rest, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (0, "")
    assert rest.endswith("up to date: 1 applied\n")


# --- where it goes ----------------------------------------------------------------------------


def test_without_a_url_the_embedded_server_is_used(cli: Cli, five: Project) -> None:
    """It is started in the project, and the first line says so."""
    first = cli("migrate").stdout.splitlines()[0]
    assert re.fullmatch(r"database: postgres@127\.0\.0\.1:\d+/postgres \(.*embedded.*\)", first)
    url = embedded.address(five.path)
    assert url is not None
    with connect(url) as connection:
        assert Database(connection).history() == list(FIVE)


def test_the_database_is_named_first(ajour: Cli, five: Project, database_url: str) -> None:
    """User, host, port and database stand in the first line; the password stands nowhere."""
    url = urlsplit(database_url)
    first = ajour("migrate").stdout.splitlines()[0]
    assert first == f"database: postgres@127.0.0.1:{url.port}{url.path}"


def _elsewhere(old: str, new: str) -> Callable[[str], str]:
    return lambda url: url.replace(old, new)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (_elsewhere(PASSWORD, "wr0ng"), "does not accept the password of user postgres"),
        (lambda url: re.sub(r":\d+/", ":1/", url), "127.0.0.1:1"),
        (_elsewhere("127.0.0.1", "nowhere.invalid"), "the host nowhere.invalid has no address"),
        (_elsewhere("/test_", "/no_"), "there is no database no_"),
        (_elsewhere("//postgres:", "//nobody_here:"), "user nobody_here"),
    ],
    ids=["password", "port", "host", "database", "user"],
)
def test_a_database_that_is_not_reached(
    cli: Cli, five: Project, database_url: str, wrong: Callable[[str], str], says: str
) -> None:
    """Where it goes is said before; one clear sentence says why not, and then what to do."""
    done = cli.on(wrong(database_url))("migrate", code=3)
    said = done.stderr
    assert done.stdout.startswith("database: ")
    assert says in said.lower()
    assert len(re.findall(r"^error: ", said, re.MULTILINE)) == 1
    assert len(re.findall(r"^  next: ", said, re.MULTILINE)) == 1
    assert "wr0ng" not in done.stdout + said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://u:s3same@h/d",
        "https://abc.supabase.co",
        "postgresql://u:s3same@h:port/d",
        "postgresql://u:s3@same@h:5432/d",
        "postgresql://u:s3same@h:5432",
        "postgresql://u:[YOUR-PASSWORD]@h:5432/d",
        "host=h password=s3same",
    ],
)
def test_a_url_that_cannot_be_read(cli: Cli, five: Project, url: str) -> None:
    """It is wrong usage; no piece of it that may be a secret is repeated."""
    said = cli.on(url)("migrate", code=2).stderr
    assert said.startswith("error: ")
    assert "SUPABASE_DB_URL" in said
    assert "same" not in said


def test_a_folder_that_is_not_there(ajour: Cli, five: Project) -> None:
    """It is wrong usage, and `ajour init` is offered."""
    assert "ajour init" in ajour("migrate", "--migrations", "sql", code=2).stderr


# --- who may see the history ------------------------------------------------------------------


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", ["migrations", "migrations_in_progress"])
def test_the_api_cannot_touch_the_history(
    five: Project, db: Database, apply: Callable[[], None], role: str, table: str
) -> None:
    """Supabase serves schema public to the internet: its roles are refused whatever they try."""
    apply()
    db.connection.execute(f"set role {role}")
    for attempt in (
        f"select from {table}",
        f"insert into {table} (name) values ('20240109_x.sql')",
        f"update {table} set name = 'x'",
        f"delete from {table}",
        f"truncate {table} cascade",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.connection.execute(attempt)
    db.run("reset role")
    assert db.history() == list(FIVE)

"""A rehearsal runs what is pending on a copy; the database that it is about is only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ajour.db.fill import fill
from ajour.profiles import SUPABASE
from ajour.sql.split import split
from projects import Cli, Database, Project, documents
from servers import Server, connect

SHOP = Path(__file__).with_name("shop.sql").read_text("utf-8")
ROWS = """
insert into customers (name, mail, age) select 'n' || g, 'a' || g || '@b.example', 20
  from generate_series(1, 3000) g;
insert into orders (customer, status, kind, total)
  select id, 'open', 'new', 5 from customers;
"""
FIRST = "20240101_shop.sql"
WORK = """alter table orders alter column at type text using at::text;
create index orders_at on orders (at);
alter table customers add constraint named check (name <> '');
"""


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """Give a look into the database."""
    with connect(database_url) as connection:
        yield Database(connection)


@pytest.fixture
def ajour(cli: Cli, project: Project, db: Database, database_url: str) -> Cli:
    """Give the command, on a shop with 3000 customers and orders."""
    on = cli.on(database_url)
    project.migration(FIRST, SHOP)
    on("migrate")
    for statement in (ROWS, "analyze"):
        db.connection.execute(statement.encode())
    return on


def test_what_each_statement_does(ajour: Cli, project: Project, db: Database) -> None:
    """Locks, rewrites, scans and builds are told of each, and the database stays as it was."""
    project.migration("20240102_work.sql", WORK)
    (document,) = documents(ajour("rehearse", "--rows", "50%", "--json"))
    assert document["passed"]
    assert document["migrations"] == ["20240102_work.sql"]
    rewrite, build, scan = document["measured"]
    assert (rewrite["where"]["line"], build["where"]["line"]) == (1, 2)
    did = {each["relation"]["name"]: each for each in rewrite["observation"]["relations"]}
    assert did["orders"]["rewritten"]
    assert did["orders"]["lock"] == "ACCESS EXCLUSIVE"
    did = {each["relation"]["name"]: each for each in build["observation"]["relations"]}
    assert did["orders"]["built"] == ["orders_at"]
    did = {each["relation"]["name"]: each for each in scan["observation"]["relations"]}
    assert did["customers"]["scanned"]
    assert did["customers"]["lock"] == "ACCESS EXCLUSIVE"
    assert db.history() == [FIRST]
    assert db.values("select indexname from pg_indexes where indexname = 'orders_at'") == []


def test_how_long_a_lock_is_held(ajour: Cli, project: Project) -> None:
    """A lock lasts until the transaction ends, and so does its estimate."""
    project.migration("20240102_work.sql", WORK)
    (document,) = documents(ajour("rehearse", "--rows", "50%", "--json"))
    times = [each["observation"]["duration_ms"] for each in document["measured"]]
    (held,) = (
        each for each in document["measured"][0]["held"] if each["relation"]["name"] == "orders"
    )
    assert held["milliseconds"] == pytest.approx(sum(times))
    told = [each["estimate"]["milliseconds"] for each in document["measured"]]
    assert held["estimate"] == pytest.approx(sum(told))
    assert told[0] > times[0] * 1.5  # twice the rows are there
    assert "x" in document["measured"][0]["estimate"]["why"]


def test_the_copy_is_filled(ajour: Cli, project: Project) -> None:
    """Every table of the shop gets rows that satisfy its constraints, those it refers to first."""
    project.migration("20240102_work.sql", WORK)
    (document,) = documents(ajour("rehearse", "--rows", "100", "--json"))
    rows = {each["relation"]["name"]: each for each in document["filled"]}
    for name in ("customers", "orders"):
        assert (rows[name]["rows"], rows[name]["why"]) == (100, None)


def test_rows_that_satisfy_everything(project: Project, server: Server) -> None:
    """Keys, checks, domains, enums, partitions and exclusions hold on what is made up."""
    with server.database() as url, connect(url) as connection:
        for statement in split(SHOP):
            connection.execute(statement.text.encode())
        filled = fill(connection.pgconn, SUPABASE.managed_schemas, lambda _: 200)
        rows = {str(each.relation): (each.rows, each.why) for each in filled}
        for name in ("customers", "orders", "lines", "solo", "log24"):
            assert rows[f"public.{name}"] == (200, None)
        assert rows["auth.users"][0] == 200
        assert rows["public.pair"][0] > 0
        for orphans in (
            "select count(*) from orders where customer not in (select id from customers)",
            "select count(*) from lines where ord not in (select id from orders)",
        ):
            assert connection.execute(orphans.encode()).fetchone() == (0,)


def test_a_statement_that_fails(ajour: Cli, project: Project, db: Database) -> None:
    """It is shown with its place and its reason; the exit code is 1, and nothing was changed."""
    project.migration(
        "20240102_work.sql", "create table a (id int);\nalter table nowhere add b int;"
    )
    said = ajour("rehearse", code=1).stdout
    assert '42P01 relation "nowhere" does not exist' in said
    assert "20240102_work.sql:2:1" in said.splitlines()[-1]
    assert "a" not in db.tables()


def test_what_fails_on_made_up_rows(ajour: Cli, project: Project) -> None:
    """That the real rows may be others is said."""
    sql = "alter table customers alter column name type varchar(3)"
    project.migration("20240102_work.sql", sql)
    said = ajour("rehearse", code=1)
    assert "It failed on rows that were made up" in said.stderr
    assert "all ran" in ajour("rehearse", "--rows", "0").stdout


def test_what_runs_alone(ajour: Cli, project: Project) -> None:
    """CREATE INDEX CONCURRENTLY is rehearsed as well, watched from outside."""
    project.migration(
        "20240102_work.sql", "create index concurrently orders_status on orders (status);"
    )
    said = ajour("rehearse").stdout
    assert "builds orders_status" in said
    assert "watched from outside" in said


def test_for_a_pull_request(ajour: Cli, project: Project) -> None:
    """With --markdown it is a table, a row for each statement."""
    project.migration("20240102_work.sql", WORK)
    said = ajour("rehearse", "--markdown").stdout
    assert said.startswith("## Rehearsal\n")
    assert said.count("| `supabase/migrations/20240102_work.sql:") == 3
    assert "rewrites public.orders" in said


def test_a_scratch_server(ajour: Cli, project: Project, server: Server) -> None:
    """--scratch URL names the server of the copy; the new database is dropped afterwards."""
    project.migration("20240102_work.sql", WORK)
    url = server.url("postgres")
    with connect(url) as connection:
        before = connection.execute("select count(*) from pg_database").fetchone()
        assert "all ran" in ajour("rehearse", "--scratch", url).stdout
        assert connection.execute("select count(*) from pg_database").fetchone() == before


def test_the_rows_of_a_backup(ajour: Cli, project: Project, db: Database) -> None:
    """With --from-backup the copy has the real rows, and what fails on them fails."""
    db.run("insert into pair values (101, 200)")
    project.write("ajour.toml", 'backup_folder = "kept"')
    ajour("backup")
    (path,) = (each for each in (project.path / "kept").iterdir() if each.suffix != ".json")
    project.migration("20240102_work.sql", "alter table pair add check (b < 150)")
    said = ajour("rehearse", "--from-backup", str(path), code=1).stdout
    assert "23514" in said
    assert "proof" not in said


def test_back_and_forth(ajour: Cli, project: Project) -> None:
    """The inverse brings the schema back and the files forward again; where not, it is said why."""
    project.migration("20240102_work.sql", WORK)
    (document,) = documents(ajour("rehearse", "--json"))
    assert document["back"]["problems"] == []
    assert document["back"]["statements"] >= 3
    sql = "insert into customers (name, mail) values ('once', 'only@once.example');"
    project.migration("20240102_work.sql", f"create table new (); {sql}")
    said = ajour("rehearse").stdout
    assert "back: the inverse does not bring the schema back" in said
    assert "forward again it fails: 23505" in said


VIEWS = """
create materialized view customers_by_name as select name, id from customers;
create unique index on customers_by_name (id);
create materialized view customers_again as select * from customers_by_name;
create materialized view not_yet as select 1 as one with no data;
"""


def test_materialized_views(ajour: Cli, project: Project, db: Database) -> None:
    """Those that have rows there have some on the copy, and those that have none have none."""
    for statement in split(VIEWS):
        db.connection.execute(statement.text.encode())
    project.migration(
        "20240102_work.sql",
        "refresh materialized view concurrently customers_by_name; select from customers_again;",
    )
    (document,) = documents(ajour("rehearse", "--json"))
    (did,) = (
        each
        for each in document["measured"][0]["observation"]["relations"]
        if each["relation"]["name"] == "customers_by_name"
    )
    assert (did["lock"], did["rows_read"]) == ("EXCLUSIVE", 1000)
    project.migration("20240102_work.sql", "select from not_yet;")
    assert '55000 materialized view "not_yet" has not been populated' in (
        ajour("rehearse", code=1).stdout
    )


def test_a_materialized_view_that_cannot_be_filled(
    ajour: Cli, project: Project, db: Database
) -> None:
    """That it stays empty on rows that were made up is said, with the reason."""
    db.run("create function never() returns int language plpgsql as 'begin return 1; end'")
    db.run("create materialized view once as select never()")
    db.run(
        "create or replace function never() returns int language plpgsql as"
        " 'begin raise exception ''never again''; end'"
    )
    project.migration("20240102_work.sql", "alter table customers add column note text;")
    said = ajour("rehearse").stderr
    assert "The materialized view public.once is empty here: never again" in said


def test_nothing_pending(ajour: Cli) -> None:
    """Where nothing is pending there is nothing to rehearse, and no proof."""
    assert ajour("rehearse").stdout.splitlines()[-1] == (
        "nothing is pending: nothing was rehearsed"
    )


# --- the proof --------------------------------------------------------------------------------


@pytest.fixture
def rehearsed(ajour: Cli, project: Project) -> Cli:
    """Give the command where a harmless file was rehearsed."""
    project.migration("20240102_work.sql", "create index orders_kind on orders (kind);")
    project.write("ajour.toml", "[rules]\n")
    ajour("rehearse", "--proof", "proof.json")
    return ajour


def deploy(ajour: Cli, *words: str, code: int = 0) -> str:
    """Deploy with a rehearsal required and return what is said."""
    done = ajour("deploy", "--require-rehearsal", *words, code=code)
    return f"{done.stdout}{done.stderr}"


def test_a_deploy_that_was_rehearsed(rehearsed: Cli, db: Database) -> None:
    """It goes on, by the proof in the project."""
    assert "1 applied" in deploy(rehearsed)
    assert len(db.history()) == 2


def test_a_proof_that_is_named(rehearsed: Cli, project: Project) -> None:
    """A file that another machine has made counts as well."""
    for path in (project.path / ".ajour" / "rehearsals").iterdir():
        path.unlink()
    assert "There is no proof" in deploy(rehearsed, code=3)
    assert "1 applied" in deploy(rehearsed, "proof.json")


def test_an_edited_file(rehearsed: Cli, project: Project, db: Database) -> None:
    """The file that is pending must be the one that was rehearsed."""
    project.migration("20240102_work.sql", "create index orders_kind on orders (kind, at);")
    assert "There is no proof" in deploy(rehearsed, code=3)
    said = deploy(rehearsed, "proof.json", code=3)
    assert "It was made for other files." in said
    assert "20240102_work.sql" in said
    assert len(db.history()) == 1


def test_another_schema(rehearsed: Cli, db: Database) -> None:
    """What was changed in the database since makes the proof worth nothing."""
    db.run("alter table orders add column by_hand int")
    said = deploy(rehearsed, "proof.json", code=3)
    assert "The schema or the history of the database is another one since." in said


def test_a_rehearsal_that_failed(ajour: Cli, project: Project) -> None:
    """Its proof says so, and nothing is deployed."""
    project.migration("20240102_work.sql", "alter table nowhere enable row level security;")
    ajour("rehearse", code=1)
    assert "The rehearsal did not pass." in deploy(ajour, code=3)


# --- files out of order -----------------------------------------------------------------------


def test_an_order_that_makes_no_difference(ajour: Cli, project: Project, db: Database) -> None:
    """A late file may run without a flag where both orders lead to the same schema."""
    project.migration(
        "20231231_late.sql", "create function late() returns int language sql as 'select 1';"
    )
    assert "--allow-out-of-order" in ajour("deploy", code=3).stderr
    said = ajour("rehearse").stdout
    assert "in the order of the names the schema is the same" in said
    assert "1 applied" in deploy(ajour)
    assert "20231231_late.sql" in db.history()


def test_an_order_that_makes_a_difference(ajour: Cli, project: Project) -> None:
    """Where they do not, that is named, and the deploy is refused."""
    project.migration(
        "20231231_late.sql",
        "create or replace function twice() returns int language sql as 'select 2';",
    )
    project.migration(
        "20240102_work.sql",
        "create or replace function twice() returns int language sql as 'select 3';",
    )
    ajour("repair", "--mark-applied", "20240102_work.sql", "--yes")
    said = ajour("rehearse", code=1).stdout
    assert "function public.twice()" in said
    assert "The rehearsal did not pass." in deploy(ajour, code=3)


def test_an_order_that_does_not_run(ajour: Cli, project: Project, db: Database) -> None:
    """A late file that needs what a later name made runs here, and not from nothing: refused."""
    project.migration("20231231_late.sql", "alter table customers add column late int;")
    said = ajour("rehearse", code=1).stdout
    assert "in the order of the names it is not the same:" in said
    assert '20231231_late.sql:1:1: relation "customers" does not exist' in said
    assert "The rehearsal did not pass." in deploy(ajour, code=3)
    assert db.values("select attname from pg_attribute where attname = 'late'") == []
    assert "1 applied" in ajour("deploy", "--allow-out-of-order").stdout


def test_files_that_are_late_together(ajour: Cli, project: Project, db: Database) -> None:
    """Two late files on one table: the columns come in another order, and that is a difference."""
    project.migration("20240103_b.sql", "alter table customers add column b int;")
    ajour("migrate")
    project.migration("20240102_a.sql", "alter table customers add column a int;")
    said = ajour("rehearse", code=1).stdout
    assert "table public.customers: column order" in said
    assert "The rehearsal did not pass." in deploy(ajour, code=3)

"""`ajour plan`: what it says of tables of a real server, and that it wrote nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lacking import since
from projects import Cli, Database, Project, documents, wait_for
from servers import connect, running

Apply = Callable[[], None]

GENERATIONS = """
create table generations (id bigint primary key, email text, prompt text, cost text);
alter table generations enable row level security;
"""


@pytest.fixture
def filled(project: Project, apply: Apply, db: Database) -> Project:
    """Give a project whose table has 20,000 rows, and was analysed."""
    project.migration("20240101_a.sql", GENERATIONS)
    apply()
    db.run(
        "insert into generations select g, 'u' || g, 'p' || g, g::text"
        " from generate_series(1, 20000) g"
    )
    db.run("analyze generations")
    return project


def found(cli: Cli, *words: str, code: int = 0) -> dict[str, Any]:
    """Return the document of a plan."""
    (document,) = documents(cli("plan", "--json", *words, code=code))
    assert document["kind"] == "Forecast"
    return document


def rules(document: dict[str, Any]) -> dict[str, str]:
    """Return the levels of the findings, by rule."""
    return {each["rule"]: each["level"] for each in document["findings"]}


# --- sentences --------------------------------------------------------------------------------


def test_what_it_locks_and_how_much_that_is(ajour: Cli, filled: Project) -> None:
    """The sentence has the lock, whom it keeps out, and the size that is written anew."""
    filled.migration("20240102_b.sql", "alter table generations alter column id type numeric;")
    said = ajour("plan", code=1).stdout
    assert "locks public.generations against reads and writes while it rewrites 1." in said
    assert "MB (20,000 rows)" in said
    assert "about 20,000 rows, " in said
    assert "analysed 2" in said


@since(15, "security_invoker")
def test_what_depends_on_it(ajour: Cli, filled: Project, db: Database) -> None:
    """Views, foreign keys and publications are named; partitions are counted, with their rows."""
    db.run("create view shown with (security_invoker) as select id from generations")
    db.run("create table likes (generation bigint references generations)")
    db.run("create publication p for table generations")
    db.run("create table parts (id int) partition by list (id)")
    db.run("create table part1 partition of parts for values in (1)")
    db.run("insert into parts select 1 from generate_series(1, 300)")
    filled.migration(
        "20240102_b.sql",
        "create index on generations (prompt);\nalter table parts add column b int;",
    )
    said = ajour("plan").stdout
    assert "read by the views shown" in said
    assert "pointed to by foreign keys of likes" in said
    assert "published by p" in said
    assert ", 1 partition\n" in said


def test_who_is_in_the_way(ajour: Cli, filled: Project, database_url: str) -> None:
    """A session that holds a lock is named, and the size of what it locks is an estimate."""
    filled.migration("20240102_b.sql", "alter table generations add column note text;")
    with connect(database_url) as other:
        other.execute("set application_name = 'night job'")
        other.execute("begin")
        other.execute("lock table generations in access exclusive mode")
        said = ajour("plan").stdout
    assert "in the way now: pid " in said
    assert "user postgres, application “night job”, idle in transaction" in said
    assert "about 20,000 rows, about 1." in said
    assert "in the way" not in ajour("plan").stdout


def test_what_the_others_do_is_hidden_in_ci(ajour: Cli, filled: Project, database_url: str) -> None:
    """A query of another session may hold anything; who it is is said, --show-detail says all."""
    filled.migration("20240102_b.sql", "alter table generations add column note text;")
    in_ci = replace(ajour, env={**ajour.env, "CI": "true"})
    with connect(database_url) as other:
        other.execute("begin")
        other.execute("select from generations where email = 'eve@example.org' limit 1")
        said = in_ci("plan", "--save", "kept.json").stdout
        document = json.dumps(found(in_ci))
        shown = in_ci("plan", "--show-detail").stdout
        assert "eve@example.org" in ajour("plan").stdout
    assert "in the way now: pid " in said
    assert "user postgres" in said
    assert "hidden: --show-detail shows it" in said
    kept = (filled.path / "kept.json").read_text("utf-8")
    assert "eve@example.org" not in said + document + kept
    assert '"query": "hidden: --show-detail shows it"' in document
    assert "where email = 'eve@example.org'" in shown


def test_who_only_reads_is_in_the_way_of_the_strongest_lock_alone(
    ajour: Cli, filled: Project, database_url: str
) -> None:
    """An index is built beside readers; a column is not added beside them."""
    with connect(database_url) as other:
        other.execute("begin")
        other.execute("select from generations limit 1")
        filled.migration("20240102_b.sql", "create index on generations (prompt);")
        assert "in the way" not in ajour("plan").stdout
        filled.migration("20240102_b.sql", "alter table generations add column note text;")
        assert "in the way now" in ajour("plan").stdout


def test_a_table_that_the_files_make_is_nobodys_business(ajour: Cli, project: Project) -> None:
    """What is new is not locked against anybody; nothing pending is said as such."""
    assert "nothing is pending" in ajour("plan").stdout
    project.migration(
        "20240101_a.sql",
        "create table a (id int primary key, b int); create index on a (b);"
        " alter table a enable row level security;",
    )
    assert "touches nothing that is there already" in ajour("plan").stdout


# --- levels -----------------------------------------------------------------------------------


@since(15, "pg_stat_force_next_flush")
@pytest.mark.parametrize(
    ("rows", "level"), [(200, "info"), (20_000, "warning"), (1_000_000, "error"), (None, "warning")]
)
def test_the_size_decides(
    ajour: Cli, project: Project, apply: Apply, db: Database, rows: int | None, level: str
) -> None:
    """An index on few rows is nothing; where nobody has counted, the level stays as it is."""
    project.migration("20240101_a.sql", GENERATIONS)
    apply()
    db.run("alter table generations set (autovacuum_enabled = off)")
    db.run("insert into generations select g from generate_series(1, %s::int) g", rows or 20_000)
    if rows:
        db.run("analyze generations")
    else:
        db.run("select pg_stat_force_next_flush()")
        db.run("select pg_stat_reset()")
    project.migration("20240102_b.sql", "create index on generations (prompt);")
    document = found(ajour, code=int(level == "error"))
    assert rules(document)["index-not-concurrent"] == level
    (known,) = document["relations"]
    assert known["rows"] == rows
    assert (known["analyzed"] is None) == (rows is None)


def test_a_level_can_be_allowed_and_asked_for(ajour: Cli, filled: Project) -> None:
    """An allow comment lets it pass; --level warning makes more of it fail."""
    allow = "-- ajour: allow index-not-concurrent at night\n"
    filled.migration("20240102_b.sql", f"{allow}create index on generations (prompt);")
    assert "reason: at night" in ajour("plan").stdout
    filled.migration("20240102_b.sql", "update generations set prompt = '';")
    ajour("plan")
    ajour("plan", "--level", "warning", code=1)


# --- rows -------------------------------------------------------------------------------------


CHECKS = {
    "create unique index on generations (email);": (
        "update generations set email = 'u1' where id in (2, 3)",
        "possible-duplicates",
        "1 of email stand in public.generations more than once",
        "u1",
    ),
    "alter table generations add constraint u unique (email, prompt);": (
        "update generations set email = 'u1', prompt = 'p1' where id = 2",
        "possible-duplicates",
        "1 of email, prompt stand",
        "u1, p1",
    ),
    "alter table generations alter column email set not null;": (
        "update generations set email = null where id = 7",
        "possible-nulls",
        "1 of public.generations have no email",
        "7",
    ),
    "alter table generations add constraint c check (length(email) < 4 or id <> 19999);": (
        "select 1",
        "possible-violations",
        "1 of public.generations do not obey c",
        "19999",
    ),
    "alter table generations add foreign key (cost_id) references costs;": (
        (
            "alter table generations add cost_id int; create table costs (id int primary key);"
            " update generations set cost_id = 5 where id = 8"
        ),
        "possible-violations",
        "1 of public.generations point with cost_id to no row of public.costs",
        "8",
    ),
    "alter table generations alter column email type varchar(5);": (
        "update generations set email = 'u1   ' where id < 9",
        "lossy-type",
        "100 or more of public.generations have a email that is too long for varchar(5)",
        "10000",
    ),
    "alter table generations alter column cost type integer using cost::integer;": (
        "update generations set cost = '12 pieces' where id = 9",
        "failing-cast",
        "a cost of public.generations cannot become int4",
        "12 pieces",
    ),
}


@pytest.mark.parametrize("sql", CHECKS)
def test_rows_that_make_it_fail(ajour: Cli, filled: Project, db: Database, sql: str) -> None:
    """Without the rows it passes; with them it is an error with a number, the example on demand."""
    change, rule, said, example = CHECKS[sql]
    filled.migration("20240102_b.sql", sql)
    for each in change.split(";"):
        db.connection.execute(each.encode())
    document = found(replace(ajour, env={**ajour.env, "CI": "true"}), code=1)
    assert rules(document)[rule] == "error"
    (message,) = [each["message"] for each in document["findings"] if each["rule"] == rule]
    assert said in message
    assert "hidden: --show-detail shows it" in message
    shown = ajour("plan", "--show-detail", code=1).stdout
    assert f"(such as {example}" in shown or f'"{example}"' in shown
    ajour("migrate", code=4)


def test_rows_that_do_no_harm(ajour: Cli, filled: Project) -> None:
    """What was asked and found to be so is worth an info, not a warning."""
    filled.migration("20240102_b.sql", "alter table generations add unique (email);")
    document = found(ajour)
    assert rules(document)["possible-duplicates"] == "info"
    assert "(No row does now.)" in json.dumps(document)


def test_a_comment_does_not_change_the_rows(ajour: Cli, filled: Project, db: Database) -> None:
    """What is sure to fail cannot be allowed."""
    db.run("update generations set email = null where id = 7")
    allow = "-- ajour: allow possible-nulls nobody can leave it empty\n"
    filled.migration(
        "20240102_b.sql", f"{allow}alter table generations alter column email set not null;"
    )
    assert "This fails: 1 of public.generations have no email" in ajour("plan", code=1).stdout


def test_what_a_file_mends_first(ajour: Cli, filled: Project, db: Database) -> None:
    """Behind a statement that changes rows of the table nothing is sure."""
    db.run("update generations set email = null where id = 7")
    filled.migration(
        "20240102_b.sql",
        "update generations set email = '' where email is null;\n"
        "alter table generations alter column email set not null;",
    )
    assert "This fails:" not in json.dumps(found(ajour)["findings"])
    ajour("migrate")


def test_a_look_that_takes_too_long(ajour: Cli, filled: Project) -> None:
    """It is given up, and said so; the level stays what it is without a database."""
    slow = "check (pg_sleep(0.01) is not null)"
    filled.migration("20240102_b.sql", f"alter table generations add constraint c {slow};")
    done = ajour("plan", "--check-timeout", "1")
    assert "The rows were not looked at: it took too long" in done.stdout


def test_columns_that_are_not_there_yet(ajour: Cli, filled: Project) -> None:
    """What an earlier pending statement makes cannot be looked at, and is no failure."""
    filled.migration(
        "20240102_b.sql",
        "alter table generations add column c int default 1;\n"
        "alter table generations alter column c set not null;",
    )
    assert "This fails:" not in json.dumps(found(ajour, "--level", "error")["findings"])


# --- nothing is written -----------------------------------------------------------------------


@pytest.fixture
def quiet() -> Iterator[str]:
    """Give a database on a server that writes nothing to its log unless somebody writes."""
    # With wal_level replica the background writer logs which transactions run, now and then.
    options = ("wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1d")
    with running(*options) as server, server.database(supabase=False) as url:
        yield url


@since(15, "pg_stat_force_next_flush")
def test_nothing_is_written(cli: Cli, project: Project, quiet: str) -> None:
    """The server's own statistics: no row, no transaction's number, and no byte in its log."""
    project.write("ajour.toml", 'profile = "plain"\n')
    project.migration("20240101_a.sql", "create table done (id int);")
    cli.on(quiet)("migrate")
    project.migration("20240102_b.sql", BAD)
    with connect(quiet) as connection:
        db = Database(connection)
        for statement in WRITTEN:
            connection.execute(statement.encode())
        before, began = written(db), transactions(db)
        done = cli.on(quiet)("plan", code=1)
        assert "read-only transaction" in done.stdout
        assert "This fails: 1 of id" in done.stdout
        wait_for(lambda: alone(db))
        assert written(db) == before
        assert transactions(db) > began, "the statistics are not those of before"
        db.run("insert into t values (7)")
        after = written(db)
        assert all(a != b for a, b in zip(before[:3], after[:3], strict=True)), "it would be seen"


BAD = """create unique index on t (id);
alter table t alter id set not null, add constraint c check (bad(id));
"""
WRITTEN = (
    "create table t (id int)",
    "insert into t values (1), (1), (null)",
    (
        "create function bad(int) returns bool language sql volatile as"
        " 'insert into t values (1); select true'"
    ),
    "analyze",
    *("vacuum (freeze)",) * 2,  # a page's hint bits are written by who reads it first
    "checkpoint",
)


def written(db: Database) -> list[Any]:
    """Return what counts writing: the log's end, rows, transactions, the tables and their rows."""
    db.run("select pg_stat_force_next_flush()")
    return db.values(
        "select pg_current_wal_insert_lsn()::text"
        " union all select (tup_inserted + tup_updated + tup_deleted)::text from pg_stat_database"
        " where datname = current_database()"
        " union all select pg_snapshot_xmax(pg_current_snapshot())::text"
        " union all select temp_bytes::text from pg_stat_database"
        " where datname = current_database()"
        " union all select string_agg(relname || relfilenode, ' ' order by oid) from pg_class"
    )


def transactions(db: Database) -> int:
    """Return how many transactions the database has had, reading ones as well."""
    (number,) = db.values(
        "select xact_commit + xact_rollback from pg_stat_database"
        " where datname = current_database()"
    )
    return int(number)


def alone(db: Database) -> bool:
    """Tell whether no other client is connected: then it has told the statistics all."""
    return db.values(
        "select count(*) from pg_stat_activity"
        " where backend_type = 'client backend' and pid <> pg_backend_pid()"
    ) == [0]


def test_through_a_pooler(cli: Cli, project: Project, pooled_way: Any) -> None:
    """Each look is one transaction, so that a pooler may lie between."""
    with connect(pooled_way.direct) as direct:
        direct.execute("create table t (id int)")
        direct.execute("insert into t values (1), (1)")
    project.migration("20240101_a.sql", "alter table t add unique (id);")
    assert "This fails: 1 of id" in cli.on(pooled_way.url)("plan", code=1).stdout


def test_the_embedded_server(cli: Cli, project: Project) -> None:
    """Without a URL it is the one in .ajour/ that is looked at."""
    project.migration("20240101_a.sql", "create table a (id int primary key);")
    cli("migrate")
    project.migration("20240102_b.sql", "alter table a add column b int;")
    assert "locks public.a against reads and writes" in cli("plan").stdout


# --- a plan that is kept ----------------------------------------------------------------------


@pytest.fixture
def kept(ajour: Cli, filled: Project) -> Project:
    """Give a project with one pending file, and a plan for it in plan.json."""
    filled.migration("20240102_b.sql", "alter table generations add column note text;")
    ajour("plan", "--save", "plan.json")
    return filled


@pytest.mark.parametrize("command", ["migrate", "deploy"])
def test_a_plan_that_still_holds(ajour: Cli, kept: Project, db: Database, command: str) -> None:
    """The run goes on; afterwards the same plan is refused."""
    ajour(command, "--plan", "plan.json")
    assert db.history() == ["20240101_a.sql", "20240102_b.sql"]
    done = ajour(command, "--plan", "plan.json", code=3)
    assert "20240102_b.sql is not pending" in done.stderr


CHANGES = {
    "alter table generations add column other int": "has other columns, constraints, indexes",
    "create index on generations (email)": "has other columns, constraints, indexes",
    "drop table generations; create table generations (id int)": "was made anew",
    "insert into generations select g, repeat('x', 900) from generate_series(30000, 60000) g": (
        "public.generations has grown from 1"
    ),
    "update migrations set checksum = null": "the history has changed",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_database_that_changed(ajour: Cli, kept: Project, db: Database, change: str) -> None:
    """What the plan was made for is there no more: refused, and nothing ran."""
    for each in change.split(";"):
        db.connection.execute(each.encode())
    for command in ("migrate", "deploy"):
        done = ajour(command, "--plan", "plan.json", code=3)
        assert "plan.json was made for another state: " in done.stderr
        assert CHANGES[change] in done.stderr
    assert db.history() == ["20240101_a.sql"]


def test_files_that_changed(ajour: Cli, kept: Project, db: Database) -> None:
    """An edited file and one more are each named."""
    kept.migration("20240102_b.sql", "alter table generations add column note text; ")
    kept.migration("20240103_c.sql", "select 1;")
    done = ajour("migrate", "--plan", "plan.json", code=3)
    assert "20240102_b.sql was edited" in done.stderr
    assert "20240103_c.sql is pending as well" in done.stderr


def test_another_database(cli: Cli, kept: Project, new_database: Callable[[], str]) -> None:
    """A plan for one database is none for another."""
    done = cli.on(new_database())("migrate", "--plan", "plan.json", code=3)
    assert "it is another database" in done.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"fingerprint": {}}'])
def test_a_file_that_is_no_plan(ajour: Cli, kept: Project, text: str) -> None:
    """It is a mistake of usage, with what makes a plan."""
    kept.write("plan.json", text)
    done = ajour("migrate", "--plan", "plan.json", code=2)
    assert "plan.json is no plan that can be read" in done.stderr
    assert "ajour plan --save FILE" in done.stderr

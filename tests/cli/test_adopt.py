from collections.abc import Iterator
from typing import LiteralString

import pytest

from projects import Cli, Database, Project, documents
from servers import connect

A, B, C = "20240101_a.sql", "20240102_b.sql", "20240103_c.sql"

SUPABASE = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[], add column if not exists name text;
"""
DBMATE = "create table schema_migrations (version varchar(128) primary key);"
GOLANG = "create table schema_migrations (version bigint primary key, dirty boolean not null);"
FLYWAY = """
create table flyway_schema_history (
  installed_rank int primary key, version varchar(50), description varchar(200) not null,
  type varchar(20) not null, script varchar(1000) not null, checksum int,
  installed_by varchar(100) not null, installed_on timestamp not null default now(),
  execution_time int not null, success boolean not null);
"""
GOOSE = """
create table goose_db_version (
  id serial primary key, version_id bigint not null, is_applied boolean not null,
  tstamp timestamp default now());
insert into goose_db_version (version_id, is_applied) values (0, true);
"""
SQLX = """
create table _sqlx_migrations (
  version bigint primary key, description text not null,
  installed_on timestamptz not null default now(), success boolean not null,
  checksum bytea not null, execution_time bigint not null);
"""

MARCH = "2024-03-01 09:12:00+00"


@pytest.fixture
def files(project: Project) -> Project:
    """Give a project of three files whose SQL would fail if it were run."""
    for name in (A, B, C):
        project.migration(name, f"select 1/0 as {name[9]};")
    return project


def times(db: Database) -> list[str]:
    """Return when the history says that its migrations were run."""
    return db.values(
        "select to_char(executed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from migrations"
        " order by name"
    )


# --- each tool --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "table", "sql", "adopted"),
    [
        ("supabase", SUPABASE, "values ('20240101', null, 'a'), ('20240102', null, 'b')", [A, B]),
        ("dbmate", DBMATE, "values ('20240101'), ('20240103')", [A, C]),
        ("golang-migrate", GOLANG, "values (20240102, false)", [A, B]),
        (
            "goose",
            GOOSE,
            "(version_id, is_applied) values (20240101, true), (20240102, true), (20240102, false)",
            [A],
        ),
        (
            "sqlx",
            SQLX,
            "values (20240101, 'a', now(), true, '', 1), (20240102, 'b', now(), true, '', 1)",
            [A, B],
        ),
        (
            "flyway",
            FLYWAY,
            f"""values (1, '20240101', 'a', 'SQL', '{A}', 0, 'me', now(), 1, true),
            (2, '20240102', 'b', 'SQL', 'V20240102__b.sql', 0, 'me', now(), 1, true)""",
            [A, B],
        ),
    ],
)
def test_each_tool(
    ajour: Cli,
    files: Project,
    db: Database,
    tool: str,
    table: LiteralString,
    sql: LiteralString,
    adopted: list[str],
) -> None:
    """Its history is found by its table and taken over; nothing runs, nothing of it changes."""
    db.run(table)
    name: LiteralString = {
        "supabase": "supabase_migrations.schema_migrations",
        "flyway": "flyway_schema_history",
        "goose": "goose_db_version",
        "sqlx": "_sqlx_migrations",
    }.get(tool, "schema_migrations")
    db.run("insert into " + name + " " + sql)
    before = db.values("select to_jsonb(t)::text from " + name + " t order by 1")
    (done,) = documents(ajour("adopt", "--yes", "--json"))
    assert (done["tool"], done["written"]) == (tool, True)
    assert [each["name"] for each in done["matched"]] == adopted
    assert db.history() == adopted
    assert db.values("select to_jsonb(t)::text from " + name + " t order by 1") == before
    status = ajour("status").stdout
    assert f"{3 - len(adopted)} pending, {len(adopted)} applied" in status


def test_times_are_taken_over(ajour: Cli, files: Project, db: Database) -> None:
    """When a migration was run stands in the history, where the other tool knows it."""
    db.run(SQLX)
    db.run(f"insert into _sqlx_migrations values (20240101, 'a', '{MARCH}', true, '', 1)")
    said = ajour("adopt", "--yes").stdout
    assert "executed_at will be" not in said
    assert times(db) == ["2024-03-01 09:12"]
    row = db.connection.execute("select checksum is not null, duration_ms, sql from migrations")
    assert row.fetchone() == (True, None, f"select 1/0 as {A[9]};")


def test_a_time_that_nobody_knows(ajour: Cli, files: Project, db: Database) -> None:
    """The Supabase CLI's version says when a file was made: it is not taken for more."""
    db.run(SUPABASE)
    db.run("insert into supabase_migrations.schema_migrations values ('20240101', null, 'a')")
    assert "executed_at will be the time of this adoption" in ajour("adopt", "--yes").stdout
    assert db.values("select executed_at > now() - interval '1 minute' from migrations") == [True]


# --- what means what --------------------------------------------------------------------------


def test_another_timestamp(ajour: Cli, project: Project, db: Database) -> None:
    """What a dashboard has stamped anew is known by its SQL; a row without a file stays out."""
    project.migration("20240105_users.sql", "-- the users\ncreate table users (id int);\n")
    project.migration("20240106_later.sql", "select 1;")
    db.run(SUPABASE)
    db.run(
        "insert into supabase_migrations.schema_migrations values"
        " ('20240109120000', '{CREATE TABLE users(id INT)}', 'x'),"
        " ('20240110120000', '{select 2}', 'by_hand')"
    )
    said = ajour("adopt", "--yes").stdout
    assert "20240109120000  is 20240105_users.sql  (the same SQL under another version)" in said
    assert "no file  20240110120000 by_hand" in said
    assert "supabase migration fetch" in said
    assert "pending  20240106_later.sql" in said
    assert db.history() == ["20240105_users.sql"]


def test_files_with_the_same_digits(ajour: Cli, project: Project, db: Database) -> None:
    """The one that the row's title names is recorded; the other one is said to be unclear."""
    project.migration("0018_quota.sql", "select 1;")
    project.migration("0018_quota_simple.sql", "select 2;")
    db.run(SUPABASE)
    db.run(
        "insert into supabase_migrations.schema_migrations values ('0018', null, 'quota_simple')"
    )
    said = ajour("adopt", "--yes").stdout
    assert "pending  0018_quota.sql  (its version has a row, which may mean another file)" in said
    assert db.history() == ["0018_quota_simple.sql"]


def test_a_file_that_was_edited_since(ajour: Cli, project: Project, db: Database) -> None:
    """It is taken over as it is on disk, and the difference is said before anybody says yes."""
    project.migration(A, "create table a (n int);")
    db.run(SUPABASE)
    db.run(
        "insert into supabase_migrations.schema_migrations values ('20240101', '{select 1}', 'a')"
    )
    assert "what was run differs from what is on disk" in ajour("adopt", "--dry-run").stdout
    ajour("adopt", "--yes")
    assert ajour("status").stdout.splitlines()[-1] == "up to date"


def test_what_would_undo_is_warned_of(ajour: Cli, project: Project, db: Database) -> None:
    """golang-migrate's way down is a file of the folder, and would run as any other."""
    project.migration("1_a.up.sql", "create table a ();")
    project.migration("1_a.down.sql", "drop table a;")
    db.run(GOLANG)
    db.run("insert into schema_migrations values (1, false)")
    assert "1_a.down.sql undoes a migration" in ajour("adopt", "--yes").stderr
    assert db.history() == ["1_a.up.sql"]


# --- which one --------------------------------------------------------------------------------


def test_a_table_of_ones_own(ajour: Cli, files: Project, db: Database) -> None:
    """Whatever names a file in it is read, with its time."""
    db.run(
        "create schema app; create table app.done (id serial, filename text, run_on timestamptz)"
    )
    db.run(
        f"insert into app.done (filename, run_on) values ('{A}', '{MARCH}'), ('20240102_b', now())"
    )
    said = ajour("adopt", "--from", "app.done", "--yes").stdout
    assert "found: app.done, 2 rows" in said
    assert db.history() == [A, B]
    assert times(db)[0] == "2024-03-01 09:12"


def test_a_folder_without_a_history(ajour: Cli, files: Project, db: Database) -> None:
    """Where nobody kept one, every file is recorded as run."""
    ajour("adopt", "--from", "folder", "--yes")
    assert db.history() == [A, B, C]


def test_several_histories(ajour: Cli, files: Project, db: Database) -> None:
    """They are listed, and one has to be named; an empty one is no choice."""
    db.run(DBMATE + "insert into schema_migrations values ('20240101')")
    db.run(GOOSE + "insert into goose_db_version (version_id, is_applied) values (20240102, true)")
    db.run(SQLX)
    said = ajour("adopt", "--yes", code=3).stderr
    assert "dbmate: public.schema_migrations, 1 row" in said
    assert "goose: public.goose_db_version, 1 row" in said
    assert "sqlx: public._sqlx_migrations, 0 rows" in said
    said = ajour("adopt", "--from", "goose", "--yes").stdout
    assert "also here: dbmate (public.schema_migrations), 1 row" in said
    assert db.history() == [B]


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("flyway", 3, "No history of flyway"),
        ("app.nothing", 3, "There is no table app.nothing"),
        ("public.other", 3, "its columns: x"),
        ("public.migrations", 2, "is ajour's own history already"),
    ],
)
def test_what_cannot_be_taken_over(
    ajour: Cli, files: Project, db: Database, source: str, code: int, says: str
) -> None:
    """It is refused with what there is instead."""
    db.run("create table other (x int)")
    assert says in ajour("adopt", "--from", source, "--yes", code=code).stderr


def test_nothing_to_find(ajour: Cli, files: Project) -> None:
    """Without any history there are two ways on. Supabase's own services keep none of ours."""
    said = ajour("adopt", code=3).stderr
    assert "--from schema.table" in said
    assert "--from folder" in said


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (GOLANG, "insert into schema_migrations values (20240102, true)"),
        (SQLX, "insert into _sqlx_migrations values (20240102, 'b', now(), false, '', 1)"),
        (
            FLYWAY,
            """insert into flyway_schema_history values
            (1, '20240102', 'b', 'SQL', 'b.sql', 0, 'me', now(), 1, false)""",
        ),
    ],
    ids=["golang-migrate", "sqlx", "flyway"],
)
def test_a_migration_that_broke_off(
    ajour: Cli, files: Project, db: Database, table: LiteralString, row: LiteralString
) -> None:
    """What is in the database is not known then: it is refused, and no table is made."""
    db.run(table)
    db.run(row)
    assert "did not come to its end" in ajour("adopt", "--yes", code=3).stderr
    assert "migrations" not in db.tables()


# --- it asks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, [A]), ("n\n", 130, None)])
def test_it_asks(
    ajour: Cli, files: Project, db: Database, answer: str, code: int, left: list[str] | None
) -> None:
    """What will be written is shown first; any answer but yes changes nothing."""
    db.run(DBMATE + "insert into schema_migrations values ('20240101')")
    shown = ajour.on_terminal("adopt", answer=answer, code=code)
    assert shown.index(f"is {A}") < shown.index("Write 1 row into public.migrations?")
    assert (db.history() if left else "migrations" in db.tables()) == (left or False)


def test_a_dry_run(ajour: Cli, files: Project, db: Database) -> None:
    """Programs read the mapping without anything being written."""
    db.run(DBMATE + "insert into schema_migrations values ('20240101'), ('2019')")
    (done,) = documents(ajour("adopt", "--dry-run", "--json"))
    assert done["written"] is False
    assert done["matched"][0]["name"] == A
    assert done["rows_without_file"] == [{"version": "2019", "name": None}]
    assert done["pending"] == [B, C]
    assert "migrations" not in db.tables()


def test_twice(ajour: Cli, files: Project, db: Database) -> None:
    """A second adoption adds what the other tool has run since, and no row is written twice."""
    db.run(DBMATE + "insert into schema_migrations values ('20240101')")
    ajour("adopt", "--yes")
    assert ajour("adopt", "--yes").stdout.splitlines()[-1] == "nothing was written"
    db.run("insert into schema_migrations values ('20240102')")
    assert "in ajour's history already: 1" in ajour("adopt", "--yes").stdout
    assert db.history() == [A, B]


def test_another_process_was_faster(ajour: Cli, files: Project, db: Database) -> None:
    """If the history is another one when the answer comes, nothing is written."""
    db.run(DBMATE + "insert into schema_migrations values ('20240101'), ('20240102')")
    ajour("adopt", "--yes")
    db.run("delete from migrations")
    shown = ajour.on_terminal(
        "adopt",
        answer="y\n",
        meanwhile=lambda: db.run(f"insert into migrations (name) values ('{C}')"),
        code=3,
    )
    assert "The history was changed by another process meanwhile" in shown
    assert db.history() == [C]


@pytest.fixture
def plain(plain_database_url: str) -> Iterator[Database]:
    """Give a look into a database without anything of Supabase."""
    with connect(plain_database_url) as connection:
        yield Database(connection)


def test_a_database_that_is_not_supabase(
    cli: Cli, files: Project, plain: Database, plain_database_url: str
) -> None:
    """Nothing of Supabase is needed."""
    plain.run(DBMATE + "insert into schema_migrations values ('20240103')")
    cli.on(plain_database_url)("adopt", "--yes", "--profile", "plain")
    assert plain.history() == [C]

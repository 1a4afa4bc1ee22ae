from collections.abc import Iterator

import psycopg
import pytest

from ajour.errors import HistoryRefused, MigrationFailed, Refusal
from ajour.events import Done, Recovered
from projects import Cli, Project
from runs import file, migrate
from servers import PASSWORD, Connection, Server, connect
from ways import Way, hidden, open_to

ROLE = "a_mere_role"
FIRST = file("1_a.sql", "create table a ();")
SECOND = file("2_b.sql", "create table b ();")


@pytest.fixture
def db(database_url: str) -> Iterator[Connection]:
    """Give a look into the database, as its owner."""
    with connect(database_url) as connection:
        yield connection


@pytest.fixture
def mere(server: Server, database_url: str, db: Connection) -> Iterator[str]:
    """Give the URL for a role that may connect and no more."""
    db.execute(f"create role {ROLE} login password '{PASSWORD}'")
    yield database_url.replace("//postgres:", f"//{ROLE}:")
    db.execute(f"reassign owned by {ROLE} to postgres")
    db.execute(f"drop owned by {ROLE}")
    db.execute(f"drop role {ROLE}")


def test_a_role_that_may_not_make_the_history_is_refused(
    mere: str, db: Connection, project: Project, cli: Cli
) -> None:
    """Who is told, what is missing, and nothing was made; there is no traceback."""
    db.execute("revoke create on schema public from public")
    project.migration("20240101_a.sql", "create table a ();")
    done = cli.on(mere)("migrate", code=3)
    assert f"The role {ROLE} may not make the history table public.migrations." in done.stderr
    assert "permission denied for schema public" in done.stderr
    assert db.execute("select to_regclass('a'), to_regclass('migrations')").fetchone() == (
        None,
        None,
    )


def test_a_role_that_may_not_read_the_history_is_refused(mere: str, database_url: str) -> None:
    """A history that cannot be read is not taken for an empty one."""
    migrate(database_url, FIRST)
    with pytest.raises(HistoryRefused, match=f"The role {ROLE} may not read public.migrations"):
        migrate(mere, FIRST, SECOND)


def test_a_role_that_sees_no_rows_is_refused(mere: str, database_url: str, db: Connection) -> None:
    """Row level security hides the rows without a word: that is found out before."""
    migrate(database_url, FIRST)
    db.execute(f"grant all on migrations, migrations_in_progress to {ROLE}")
    with pytest.raises(HistoryRefused, match="Row level security hides the rows"):
        migrate(mere, FIRST, SECOND)


def test_a_role_that_may_not_write_the_history_is_refused(
    mere: str, database_url: str, db: Connection
) -> None:
    """Reading is not enough to run migrations, and enough where nothing is pending."""
    migrate(database_url, FIRST)
    db.execute(f"alter role {ROLE} bypassrls")
    db.execute(f"grant select on migrations, migrations_in_progress to {ROLE}")
    with pytest.raises(Refusal, match=f"{ROLE} may read the history, but not write to it"):
        migrate(mere, FIRST, SECOND)
    assert migrate(mere, FIRST) == []
    assert db.execute("select to_regclass('b')").fetchone() == (None,)


def test_what_a_role_may_not_do_is_rolled_back_and_told(
    mere: str, database_url: str, db: Connection
) -> None:
    """The statement that the server refused is pointed at; the history keeps to the truth."""
    migrate(database_url, FIRST)
    db.execute(f"alter role {ROLE} bypassrls")
    db.execute(f"grant all on migrations, migrations_in_progress to {ROLE}")
    with pytest.raises(MigrationFailed, match="must be owner of table a") as failed:
        migrate(mere, FIRST, file("2_b.sql", "select 1;\nalter table a add column b int;"))
    assert failed.value.sqlstate == "42501"
    assert failed.value.where
    assert failed.value.where.line == 2
    assert "Connect as a role that may do this" in (failed.value.hint or "")
    assert db.execute("select name from migrations").fetchall() == [("1_a.sql",)]
    migrate(mere, FIRST, file("2_b.sql", "select 1;"))
    assert db.execute("select count(*) from migrations").fetchone() == (2,)


def test_an_owner_needs_no_more_than_the_schema(mere: str, db: Connection) -> None:
    """A role without any attribute keeps a history of its own, guards and all."""
    db.execute(f"grant create on schema public to {ROLE}")
    indexed = file("2_b.sql", "create table b (a int); create index concurrently i on b (a);")
    grants = file("3_c.sql", "grant all on all tables in schema public to public;")
    happened = migrate(mere, FIRST, indexed, grants)
    assert len([each for each in happened if isinstance(each, Done)]) == 3
    with pytest.raises(MigrationFailed, match="changes the history table itself"):
        migrate(mere, FIRST, indexed, grants, file("4_d.sql", hidden("delete from migrations")))
    assert db.execute("select count(*) from migrations").fetchone() == (3,)
    assert open_to(db) == []


GRANTS = {
    "all tables": "grant all on all tables in schema public to anon, authenticated;",
    "public": "grant all on migrations, migrations_in_progress to public;",
    "a column": "grant select (name), update (checksum) on migrations to anon;",
    "hidden": "do $$ begin execute 'gr' || 'ant all on all tables in schema public to anon';"
    " end $$",
    "no row level security": hidden("alter table migrations disable row level security"),
}


@pytest.mark.parametrize("name", GRANTS)
def test_no_migration_opens_the_history(way: Way, name: str) -> None:
    """Whatever a file grants: after the run nobody from the internet can read or empty it."""
    grants = file("2_b.sql", f"create table b ();\n{GRANTS[name]}")
    happened = migrate(way.url, FIRST, grants)
    closed = [each for each in happened if isinstance(each, Recovered)]
    assert len(closed) == (name in ("hidden", "no row level security"))  # else in its transaction
    with connect(way.direct) as db:
        assert open_to(db) == []
        for sql in ("truncate migrations cascade", "table migrations", "delete from migrations"):
            db.execute("set role anon")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(sql)
            db.execute("reset role")
        if name == "all tables":
            assert db.execute("select has_table_privilege('anon', 'b', 'select')").fetchone()
    assert way.history() == ["1_a.sql", "2_b.sql"]


def test_the_history_stays_closed_when_a_later_file_fails(way: Way) -> None:
    """It is closed in the transaction that opened it, not at the end of the run."""
    grants = file("2_b.sql", GRANTS["all tables"])
    with pytest.raises(MigrationFailed, match="division by zero"):
        migrate(way.url, FIRST, grants, file("3_c.sql", "select 1/0;"))
    with connect(way.direct) as db:
        assert open_to(db) == []


def test_a_run_with_nothing_to_do_closes_what_a_person_opened(way: Way) -> None:
    """Each deploy puts it right, and says so once."""
    migrate(way.url, FIRST)
    with connect(way.direct) as db:
        db.execute("grant truncate on migrations to anon")
        db.execute("alter table migrations_in_progress disable row level security")
        assert open_to(db) != []
        assert [type(each) for each in migrate(way.url, FIRST)] == [Recovered]
        assert open_to(db) == []
    assert migrate(way.url, FIRST) == []

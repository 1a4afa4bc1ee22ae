"""`ajour doctor`: each thing that can be wrong, made wrong, and what it says to do about it."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from poolers import pgbouncer
from projects import Cli, Database, Project, documents
from servers import PASSWORD, Server, connect
from tls import Authority, tls_server

Checks = dict[str, dict[str, Any]]

ORDER = [
    *("configuration", "files", "DNS", "TCP", "TLS", "authentication", "pooler", "version"),
    *("writing", "role", "rights", "timeouts", "disk", "time zone", "encoding", "history"),
]


def examined(cli: Cli, code: int = 0) -> Checks:
    """Return the checks by name: of those with one name, the last that is not ok."""
    (found,) = documents(cli("doctor", "--json", code=code))
    assert found["kind"] == "Doctor"
    checks = sorted(found["checks"], key=lambda check: check["verdict"] != "ok")
    return {check["name"]: check for check in checks}


def verdicts(checks: Checks) -> dict[str, str]:
    """Return the checks that are not ok."""
    return {name: check["verdict"] for name, check in checks.items() if check["verdict"] != "ok"}


# --- when all is well -------------------------------------------------------------------------


def test_all_is_well(ajour: Cli, project: Project, apply: Callable[[], None]) -> None:
    """One line for each thing, in the order in which one needs the other; the code is 0."""
    project.migration("20240101_a.sql", "create table a ();")
    apply()
    done = ajour("doctor")
    lines = done.stdout.splitlines()
    assert [line[9:24].strip() for line in lines[:-1]] == [*ORDER, "access", "indexes"]
    assert all(line.startswith("ok ") for line in lines[:-1])
    assert lines[-1] == "all is well"
    assert "postgres is a superuser" in done.stdout
    assert "1 applied, 0 pending" in done.stdout
    assert done.stderr == ""


def test_nothing_is_changed(ajour: Cli, project: Project, db: Database) -> None:
    """Not even the table of the history is made."""
    project.migration("20240101_a.sql", "create table a ();")
    checks = examined(ajour)
    assert verdicts(checks) == {}
    assert "the first run makes it; 1 pending" in checks["history"]["said"]
    assert db.tables() == []


def test_the_embedded_server(cli: Cli, project: Project) -> None:
    """Without a URL it is the one in .ajour/ that is looked at."""
    checks = examined(cli)
    assert verdicts(checks) == {}
    assert "the embedded PostgreSQL" in checks["configuration"]["said"]
    assert " free" in checks["disk"]["said"]


def test_on_a_terminal(ajour: Cli, project: Project) -> None:
    """The verdicts are coloured."""
    assert "\x1b[32m\x1b[1mok\x1b[0m       configuration" in ajour.on_terminal("doctor")


# --- settings and files -----------------------------------------------------------------------


def test_a_url_that_cannot_be(cli: Cli, project: Project) -> None:
    """It is the first thing that fails, and the last that is looked at."""
    cli = cli.on(f"postgresql://u:{PASSWORD}@x@127.0.0.1/d")
    assert list(checks := examined(cli, code=1)) == ["configuration"]
    assert "more than one `@`" in checks["configuration"]["said"]
    assert "failed at configuration" in cli("doctor", code=1).stdout


def test_a_password_that_others_can_read(cli: Cli, project: Project) -> None:
    """The rights of .env, and whether git has it, matter where the database is elsewhere."""
    path = project.write(".env", f"SUPABASE_DB_URL=postgres://u:{PASSWORD}@no.invalid/d\n")
    path.chmod(0o644)
    git = ("git", "-C", str(project.path))
    subprocess.run([*git, "init", "-q"], check=True)
    (said,) = documents(cli("doctor", "--json", code=1))
    assert [check["next"] for check in said["checks"] if check["verdict"] == "warning"] == [
        "chmod 600 .env"
    ]
    path.chmod(0o600)
    subprocess.run([*git, "add", ".env"], check=True)
    (said,) = documents(cli("doctor", "--json", code=1))
    (warned,) = [check for check in said["checks"] if check["verdict"] == "warning"]
    assert "git tracks .env" in warned["said"]


def test_files_that_cannot_be_trusted(ajour: Cli, project: Project) -> None:
    """They fail, and the rest is looked at all the same."""
    project.migration("20240101_a.sql", "select 1;\0")
    checks = examined(ajour, code=1)
    assert verdicts(checks) == {"files": "failed", "history": "warning"}
    assert "20240101_a.sql:1:10" in checks["files"]["said"]
    assert checks["indexes"]["verdict"] == "ok"


# --- the way ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ((":{port}/", ":1/"), "TCP", "Nothing listens at 127.0.0.1:1"),
        (("127.0.0.1:{port}", "no-such-host.invalid"), "DNS", "has no address here"),
        ((PASSWORD, "wrong"), "authentication", "does not accept the password"),
        (("/test_", "/no_such_"), "authentication", "There is no database no_such_"),
        (("?", "?sslmode=require"), "TLS", "does not speak TLS"),
        (("127.0.0.1:{port}", "%2Fno%2Fsuch:1"), "TCP", "no socket /no/such/.s.PGSQL.1"),
    ],
    ids=["port", "host", "password", "database", "tls", "socket"],
)
def test_where_the_way_ends(
    cli: Cli, project: Project, database_url: str, change: tuple[str, str], name: str, said: str
) -> None:
    """The step that failed is the last one, and its line has the one thing to do."""
    old, new = (part.format(port=urlsplit(database_url).port) for part in change)
    url = f"{database_url}?"
    (found,) = documents(cli.on(url.replace(old, new))("doctor", "--json", code=1))
    last = found["checks"][-1]
    assert (last["name"], last["verdict"]) == (name, "failed")
    assert said in last["said"]
    assert last["next"]
    assert [check["verdict"] for check in found["checks"][:-1]] == ["ok"] * (
        len(found["checks"]) - 1
    )


def test_tls_and_its_certificate(cli: Cli, project: Project, tmp_path: Path) -> None:
    """Whether it was verified is said; a wrong CA fails at TLS, not at the password."""
    ours, other = Authority.make(tmp_path / "ours"), Authority.make(tmp_path / "other")
    with tls_server(ours, "localhost") as server:
        url = server.url("postgres").replace("127.0.0.1", "localhost")
        tls = examined(cli.on(url))["TLS"]
        assert "TLSv1.3" in tls["said"]
        assert "not verified" in tls["said"]
        tls = examined(cli.on(f"{url}?sslrootcert={ours.file}"))["TLS"]
        assert "certificate and host name verified" in tls["said"]
        checks = examined(cli.on(f"{url}?sslrootcert={other.file}"), code=1)
        assert verdicts(checks) == {"TLS": "failed"}
        assert "not signed by the CA" in checks["TLS"]["said"]
        assert "authentication" not in checks


def test_poolers(cli: Cli, project: Project, database_url: str) -> None:
    """What lends connections for a transaction will not do for a file in several steps."""
    project.migration("20240101_a.sql", "create table a (); commit; create table b ();")
    with pgbouncer(database_url, "session") as url:
        assert verdicts(examined(cli.on(url))) == {}
    with pgbouncer(database_url, "transaction") as url:
        checks = examined(cli.on(url), code=1)
        assert verdicts(checks) == {"pooler": "failed"}
        assert "20240101_a.sql needs a session" in checks["pooler"]["said"]
        assert "5432" in checks["pooler"]["next"]
        project.migration("20240101_a.sql", "create table a ();")
        assert verdicts(examined(cli.on(url))) == {"pooler": "warning"}


# --- the server -------------------------------------------------------------------------------


def test_a_database_that_cannot_be_written(ajour: Cli, project: Project, db: Database) -> None:
    """As Supabase makes it when the disk is full."""
    name = db.connection.info.dbname
    db.connection.execute(f"alter database {name} set default_transaction_read_only = on")
    checks = examined(ajour, code=1)
    assert verdicts(checks) == {"writing": "failed"}
    assert "95 %" in checks["writing"]["next"]


@contextlib.contextmanager
def clerk(url: str) -> Iterator[str]:
    """Make an ordinary role that may log in to a database, and give the URL for it."""
    with connect(url) as admin:
        admin.execute(f"create role clerk login password '{PASSWORD}'")
        try:
            yield url.replace("//postgres:", "//clerk:")
        finally:
            admin.execute("drop owned by clerk")
            admin.execute("drop role clerk")


def test_rights_for_the_history(cli: Cli, project: Project, plain_database_url: str) -> None:
    """The statement that gives them is named: on the schema, on the database, as the owner."""
    project.write("ajour.toml", 'profile = "plain"\n')
    with clerk(plain_database_url) as url, connect(plain_database_url) as db:
        db.execute("revoke create on schema public from public")
        rights = examined(cli.on(url), code=1)["rights"]
        assert rights["next"] == "Let its owner run: grant create on schema public to clerk;"
        words = ("doctor", "--table", "kept.history")
        assert "create schema kept authorization clerk;" in cli.on(url)(*words, code=1).stdout
        db.execute("grant create on schema public to clerk")
        assert verdicts(examined(cli.on(url))) == {}
        cli.on(plain_database_url)("migrate")
        project.migration("20240101_a.sql", "select 1;")
        cli.on(plain_database_url)("migrate")
        said = examined(cli.on(url), code=1)
        assert said["history"]["verdict"] == "failed"
        assert said["rights"]["next"] == "Connect as postgres."
        db.execute("grant all on migrations, migrations_in_progress to clerk")
        db.execute("create policy clerks on migrations to clerk using (true)")
        rights = examined(cli.on(url), code=1)["rights"]
        assert "only its owner postgres may alter it" in rights["said"]


def test_rights_for_the_files(cli: Cli, project: Project, plain_database_url: str) -> None:
    """What pending files need and the role lacks is said before they run, all of it at once."""
    project.write("ajour.toml", 'profile = "plain"\n')
    project.migration(
        "20240101_a.sql",
        "create table mine ();\nalter table mine add a int;\nalter table theirs add a int;\n"
        "create role other;\ncreate extension no_such_thing;\ncreate schema more;\n",
    )
    with clerk(plain_database_url) as url, connect(plain_database_url) as db:
        db.execute("create table theirs ()")
        db.execute("grant create on schema public to clerk")
        rights = examined(cli.on(url), code=1)["rights"]
    said = "\n".join([rights["said"], *rights["details"]])
    assert "changes theirs, which belongs to postgres" in said
    assert "no_such_thing: this server has none" in said
    assert "create on the database" in said
    assert "createrole" in said
    assert "mine" not in said


def test_timeouts(ajour: Cli, project: Project, db: Database) -> None:
    """Those that someone set are shown; one that would end a migration is warned of."""
    name = db.connection.info.dbname
    db.connection.execute(f"alter database {name} set statement_timeout = '2min'")
    said = examined(ajour)["timeouts"]["said"]
    assert "statement_timeout 2min (database)" in said
    assert "lock_timeout 5s, statement_timeout 15min" in said
    if db.connection.info.server_version >= 170000:
        db.connection.execute(f"alter database {name} set transaction_timeout = '30s'")
        checks = examined(ajour)
        assert verdicts(checks) == {"timeouts": "warning"}
        assert "transaction_timeout" in checks["timeouts"]["next"]


def test_an_old_encoding(cli: Cli, project: Project, server: Server) -> None:
    """A database that does not know what its bytes mean."""
    project.write("ajour.toml", 'profile = "plain"\n')
    with connect(server.url("template1")) as admin:
        admin.execute(
            "create database old_one template template0 encoding 'SQL_ASCII' locale 'C'"
            + (" locale_provider libc" if admin.info.server_version >= 150000 else "")
        )
    try:
        checks = examined(cli.on(server.url("old_one")))
    finally:
        with connect(server.url("template1")) as admin:
            admin.execute("drop database old_one with (force)")
    assert verdicts(checks) == {"encoding": "warning"}


def test_invalid_indexes(ajour: Cli, project: Project, db: Database) -> None:
    """Left behind by a build that failed."""
    db.run("create table t as select 1 as a from generate_series(1, 2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.run("create unique index concurrently broken on t (a)")
    checks = examined(ajour)
    assert verdicts(checks) == {"indexes": "warning"}
    assert checks["indexes"]["details"] == ["broken on t"]
    assert "drop index concurrently broken;" in checks["indexes"]["next"]


# --- the history ------------------------------------------------------------------------------


def test_a_history_that_is_open(
    ajour: Cli, project: Project, db: Database, apply: Callable[[], None]
) -> None:
    """On Supabase the internet could change it; what closes it is said, and closes it."""
    project.migration("20240101_a.sql", "select 1;")
    apply()
    db.run("grant select, truncate on migrations to anon")
    checks = examined(ajour, code=1)
    assert verdicts(checks) == {"access": "failed"}
    assert checks["access"]["details"] == ["migrations: anon: select, truncate"]
    db.run(checks["access"]["next"])
    assert verdicts(examined(ajour)) == {}
    db.run("alter table migrations disable row level security")
    checks = examined(ajour)
    assert verdicts(checks) == {"access": "warning"}
    db.run(checks["access"]["next"])
    assert verdicts(examined(ajour)) == {}


def test_a_table_of_another_tool(ajour: Cli, project: Project, db: Database) -> None:
    """It is not ours to write to."""
    db.run("create table migrations (id int, migration text, batch int)")
    checks = examined(ajour, code=1)
    assert checks["history"]["verdict"] == "failed"
    assert "Laravel" in checks["history"]["said"]
    assert "--table" in checks["history"]["next"]


def test_a_history_that_disagrees(ajour: Cli, project: Project, apply: Callable[[], None]) -> None:
    """An edited file stops the next run: the doctor says so now."""
    path = project.migration("20240101_a.sql", "select 1;")
    apply()
    path.write_text("select 2;")
    checks = examined(ajour, code=1)
    assert verdicts(checks) == {"history": "failed"}


def test_an_interrupted_migration(
    ajour: Cli, project: Project, db: Database, apply: Callable[[], None]
) -> None:
    """The next run goes on with it."""
    project.migration("20240101_a.sql", "select 1;")
    apply()
    project.migration("20240102_b.sql", "select 1;\ncommit;\nselect nonsense;")
    ajour("migrate", code=4)
    checks = examined(ajour)
    assert verdicts(checks) == {"history": "warning"}
    assert "20240102_b.sql was interrupted" in checks["history"]["said"]

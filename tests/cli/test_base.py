import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ajour.engines import embedded
from ajour.engines.binaries import find_binaries
from ajour.engines.pgdump import login
from ajour.target import parse_url
from lacking import since
from projects import Cli, Database, Project, documents
from servers import PASSWORD, connect

A, B = "20240101_a.sql", "20240102_b.sql"

BY_HAND = """
create table profiles (id uuid primary key references auth.users (id), name text);
create table hidden (n int);
revoke all on hidden from anon, authenticated, service_role;
create function greet() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function greet();
create policy "own files" on storage.objects for select to authenticated
  using (bucket_id = 'mine' and (storage.foldername(name))[1] = auth.uid()::text);
"""

NEXT = "alter table profiles add column age int;"


@pytest.fixture
def real(db: Database) -> Database:
    """Give a database whose first tables were made by hand."""
    db.connection.execute(BY_HAND)
    return db


@contextmanager
def inside(project: Project) -> Iterator[Database]:
    """Give a look into the project's embedded server."""
    url = embedded.address(project.path)
    assert url is not None
    with connect(url) as connection:
        yield Database(connection)


def dump(url: str) -> str:
    """Return the schema of `public` as pg_dump writes it, without its random words."""
    program = find_binaries().program("pg_dump")
    assert program is not None
    words = [str(program), "--schema-only", "--schema=public"]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env=login(parse_url(url))
    )
    return re.sub(r"(?m)^(\\(un)?restrict|-- Dumped from database) .*$", "", done.stdout)


# --- from a database --------------------------------------------------------------------------


def test_the_whole_way(cli: Cli, project: Project, real: Database, database_url: str) -> None:
    """What no file creates is missed, the hint says how to get it, and then all is applied."""
    project.migration(A, NEXT)
    said = cli("migrate", code=4).stderr
    assert "No file creates profiles." in said
    assert "ajour db base --from URL" in said
    cli("db", "base", "--from", database_url, "--yes")
    assert f"applied {A}" in cli("migrate").stdout
    with inside(project) as copy:
        assert {"profiles", "hidden", "migrations"} <= set(copy.tables())
    assert "applied" not in cli("migrate").stdout


@since(15, "a schema public in which not everybody may make something")
def test_the_copy_is_equal(cli: Cli, project: Project, real: Database, database_url: str) -> None:
    """pg_dump says the same of both; triggers and policies on the platform's tables are there."""
    cli("db", "base", "--from", database_url, "--yes")
    address = embedded.address(project.path)
    assert address is not None
    assert dump(address) == dump(database_url)
    with inside(project) as copy:
        assert copy.values("select has_table_privilege('anon', 'hidden', 'select')") == [False]
        assert "on_auth_user_created" in copy.values("select tgname from pg_trigger")
        assert copy.values(
            "select qual ~ 'foldername' from pg_policies where policyname = 'own files'"
        ) == [True]


def test_the_history_comes_along(
    cli: Cli, project: Project, real: Database, database_url: str
) -> None:
    """What was run there is not run again: its rows are copied as they are."""
    project.migration(A, NEXT)
    cli.on(database_url)("migrate")
    project.migration(B, "alter table profiles add column size int;")
    (done,) = documents(cli("db", "base", "--from", database_url, "--yes", "--json"))
    assert done["history"] == 1
    with inside(project) as copy:
        assert copy.values("select to_jsonb(m)::text from migrations m") == real.values(
            "select to_jsonb(m)::text from migrations m"
        )
        assert copy.values("select count(*) from profiles") == [0]
    assert f"applied {B}" in cli("migrate").stdout


def test_another_tools_history(
    cli: Cli, project: Project, real: Database, database_url: str
) -> None:
    """Where ajour never ran, what the other tool has run counts as run in the copy."""
    project.migration(A, "alter table profiles add column age int; select 1/0;")
    project.migration(B, "alter table profiles add column size int;")
    real.run("create table schema_migrations (version varchar primary key)")
    real.run("insert into schema_migrations values ('20240101')")
    said = cli("db", "base", "--from", database_url, "--yes").stdout
    assert f"20240101  is {A}" in said
    assert "history: 1 row" in said
    assert cli("migrate").stdout.splitlines()[-1] == "up to date: 1 applied"


def test_reset_begins_there_again(
    cli: Cli, project: Project, real: Database, database_url: str
) -> None:
    """The base stays until it is removed; the address of the server stays as well."""
    project.migration(A, NEXT)
    cli("db", "start")
    before = embedded.address(project.path)
    cli("db", "base", "--from", database_url, "--yes")
    assert embedded.address(project.path) == before
    said = cli("db", "reset", "--yes").stdout.splitlines()[-1]
    assert re.fullmatch(r"a new database with the schema of \S+: 1 applied", said)
    source = cli("db", "base").stdout
    assert "it begins with the schema of postgres@127.0.0.1" in source
    assert PASSWORD not in source
    cli("db", "base", "--none")
    assert cli("db", "base").stdout == "it begins with an empty database\n"
    cli("db", "reset", "--yes", code=4)


def test_a_role_that_only_it_has(
    cli: Cli, project: Project, real: Database, database_url: str
) -> None:
    """A role that a GRANT names is made, without a login."""
    real.run("create role base_reader login")
    real.run("grant select on profiles to base_reader")
    try:
        said = cli("db", "base", "--from", database_url, "--yes").stdout
    finally:
        real.run("revoke all on profiles from base_reader")
        real.run("drop role base_reader")
    assert "made the role base_reader, without a login" in said
    with inside(project) as copy:
        assert copy.values("select rolcanlogin from pg_roles where rolname = 'base_reader'") == [
            False
        ]
        assert copy.values("select has_table_privilege('base_reader', 'profiles', 'select')") == [
            True
        ]


# --- what goes wrong --------------------------------------------------------------------------


def test_a_failure_changes_nothing(cli: Cli, project: Project) -> None:
    """A dump that cannot be loaded is refused with its place; the old database is still there."""
    project.migration(A, "create table kept ();")
    cli("migrate")
    dumped = project.write("dump.sql", "create table a ();\ncreate table b (x nonsense);\n")
    said = cli("db", "base", "--from", dumped.name, "--yes", code=3).stderr
    assert 'type "nonsense" does not exist' in said
    assert "dump.sql:2:19" in said
    with inside(project) as copy:
        assert copy.tables() == ["kept", "migrations", "migrations_in_progress"]
    assert cli("db", "base").stdout == "it begins with an empty database\n"
    assert sorted(path.name for path in (project.path / ".ajour").iterdir()) == [
        ".gitignore",
        "data",
        "data.lock",
        "lock",
        "server.log",
    ]


def test_it_asks(cli: Cli, project: Project, real: Database, database_url: str) -> None:
    """Only a yes replaces a database that is there."""
    cli("db", "start")
    assert "--yes" in cli("db", "base", "--from", database_url, code=3).stderr
    shown = cli.on_terminal("db", "base", "--from", database_url, answer="n\n", code=130)
    assert "Delete all data of the embedded PostgreSQL?" in shown
    assert cli("db", "base").stdout == "it begins with an empty database\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PGDMP\x01\x0e\x00\xff", "pg_restore -f dump.sql"),
        (b"\x1f\x8b\x08\xff", "gunzip"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_not_a_plain_dump(
    cli: Cli, project: Project, content: bytes | None, says: str
) -> None:
    """It is refused with what makes one of it."""
    if content is not None:
        (project.path / "dump").write_bytes(content)
    assert says in cli("db", "base", "--from", "dump", code=2).stderr


# --- from a file ------------------------------------------------------------------------------


def test_a_dump_of_everything(
    cli: Cli, project: Project, real: Database, database_url: str
) -> None:
    """A file with data and the platform's schemas: the latter are left out, the data are there."""
    project.migration(A, "alter table profiles add column age int;")
    project.migration(B, "alter table profiles add column size int;")
    real.connection.execute(
        "create schema if not exists supabase_migrations;"
        "create table if not exists supabase_migrations.schema_migrations"
        " (version text primary key, statements text[], name text);"
        "insert into supabase_migrations.schema_migrations values ('20240101', '{}', 'a');"
        "alter table profiles add column age int; insert into hidden values (7)"
    )
    program = find_binaries().program("pg_dump")
    assert program is not None
    target = parse_url(database_url)
    whole = subprocess.run([program], capture_output=True, check=True, env=login(target)).stdout
    (project.path / "dump.sql").write_bytes(whole)
    assert b"CREATE TABLE auth.users" in whole
    said = cli("db", "base", "--from", "dump.sql").stdout
    assert "history: 1 row" in said
    with inside(project) as copy:
        assert copy.values("select n from hidden") == [7]
        assert copy.history() == [A]
    assert cli("migrate").stdout.splitlines()[-1] == "up to date: 1 applied"


def test_what_a_new_server_lacks(cli: Cli, project: Project) -> None:
    """An extension that is not there, and what only gives rights, is left out and said."""
    project.write(
        "dump.sql",
        "create extension no_such_extension;\ncomment on extension no_such_extension is 'x';\n"
        "create schema public;\ncreate table a ();\ngrant all on table gone to anon;\n",
    )
    done = cli("db", "base", "--from", "dump.sql")
    assert "loaded 1 statements of dump.sql" in done.stdout
    assert done.stderr.count("[left-out]") == 3
    assert 'extension "no_such_extension" is not available' in done.stderr
    assert "no history was found there" in done.stdout


# --- the password -----------------------------------------------------------------------------

SPY = """#!/bin/sh
printf '%s\\n' "$0" "$@" >> {seen}
exec {real} "$@"
"""


def test_the_password_is_on_no_command_line(
    cli: Cli, project: Project, real: Database, database_url: str, tmp_path: Path
) -> None:
    """pg_dump gets it by the environment, and ajour itself can take the URL from there."""
    ours, seen = find_binaries(), tmp_path / "seen"
    bin_ = tmp_path / "postgres" / "bin"
    bin_.mkdir(parents=True)
    for program in ours.bin.iterdir():
        (bin_ / program.name).symlink_to(program)
    (bin_ / "pg_dump").unlink()
    (bin_ / "pg_dump").write_text(SPY.format(seen=seen, real=ours.bin / "pg_dump"))
    (bin_ / "pg_dump").chmod(0o755)
    for name, path in (("share", ours.share), ("lib", ours.lib)):
        (bin_.parent / name).symlink_to(path)
    words = ("--postgres", str(bin_.parent), "--from", "SUPABASE_DB_URL")
    cli.on(database_url)("db", "base", *words)
    assert "--schema-only" in seen.read_text()
    assert PASSWORD not in seen.read_text()
    assert "password-on-command-line" not in cli("db", "base").stderr

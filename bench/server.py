"""The PostgreSQL that is measured against: one throwaway server on the loopback address.

It writes to disk before it says "done", as any server in earnest does. A watcher removes it with
this process, also after SIGKILL, because its pipe closes with the process.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from ajour.engines import serve
from ajour.engines.binaries import Binaries, find_binaries
from ajour.engines.cluster import Cluster, set_password
from ajour.engines.postmaster import find_postmaster
from ajour.engines.probe import is_free
from ajour.engines.run_as import run_as
from ajour.engines.template import copy_template
from ajour.profiles import PLAIN

PASSWORD = "of-the-bench"

SETTINGS = (
    "max_wal_size=1GB",  # PostgreSQL's default; the embedded server has less
    "max_locks_per_transaction=512",  # for those who put 1,000 files into one transaction
)

SHOWN = (
    *("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"),
    *("max_wal_size", "autovacuum", "jit", "max_locks_per_transaction"),
)
"""What the output says of the server."""

ENDED = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s"
"""Ends whatever a killed process has left at work."""

WATCHER = """
import shutil, sys
from pathlib import Path
from ajour.engines.serve import stop
sys.stdin.read()
folder = Path(sys.argv[1])
stop(folder / "data")
shutil.rmtree(folder)
"""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int
    binaries: Binaries
    admin: psycopg.Connection[tuple[str]]
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, port: int | None = None) -> str:
        """Return the URL of a database, through the proxy on `port` if one is given."""
        where = f"127.0.0.1:{port or self.port}/{database}"
        return f"postgresql://postgres:{PASSWORD}@{where}?sslmode=disable"

    @contextlib.contextmanager
    def database(self, kind: str, template: str = "template0") -> Iterator[str]:
        """Make a database and yield its name. The disk is at rest at the beginning.

        It stays until the server goes: a file system that has just removed thousands of files may
        be slow in making new ones (ext4 is, for minutes), and the next run would pay for it.
        """
        name = f"{kind}_{next(self.numbers)}"
        words = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        self._run("create database {name} template {template} strategy file_copy", words)
        self._run("checkpoint", {})
        try:
            yield name
        finally:
            self.admin.execute(ENDED, [name])

    def number(self, database: str, query: str) -> int:
        """Return the one number (or truth) that a query gives."""
        with psycopg.connect(self.url(database)) as connection:
            rows = connection.execute(query.encode()).fetchall()
        return int(rows[0][0])

    def settings(self) -> dict[str, str]:
        """Return what is to be known of the server."""
        query = "select current_setting(%s)"
        return {name: self.admin.execute(query, [name]).fetchall()[0][0] for name in SHOWN}

    def cpu(self) -> float | None:
        """Return the seconds that all its processes have used, ended ones included.

        The kernel counts them in hundredths. None where there is no /proc to ask.
        """
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ticks = sum(map(_ticks, [self.pid, *map(int, children)]))
        except OSError:
            return None
        return ticks / os.sysconf("SC_CLK_TCK")

    def _run(self, statement: LiteralString, words: dict[str, sql.Identifier]) -> None:
        self.admin.execute(sql.SQL(statement).format(**words))


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Run the server."""
    folder = Path(tempfile.mkdtemp(prefix="ajour-bench-server-"))
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(folder)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        binaries = find_binaries()
        cluster = copy_template(folder / "data", PLAIN, binaries, run_as())
        set_password(cluster, PASSWORD)
        port, pid = _start(cluster, folder / "server.log")
        url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        with psycopg.connect(url, autocommit=True) as admin:
            yield Server(port, pid, binaries, admin)
    finally:
        watcher.communicate()


def _start(cluster: Cluster, log: Path) -> tuple[int, int]:
    for port in filter(is_free, range(30_000, 32_000)):
        if serve.start(cluster, port, log, SETTINGS) and (server := find_postmaster(cluster.data)):
            return port, server.pid
        if is_free(port):  # so the port was not the reason
            break
    raise RuntimeError(log.read_text())


def _ticks(pid: int) -> int:
    """Return a process's own time, and that of its children that have ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it ended meanwhile: then the time is its parent's
        return 0
    return sum(map(int, text.rpartition(")")[2].split()[11:15]))

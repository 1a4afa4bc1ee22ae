"""A hot standby of a test server, made as one is made: pg_basebackup -R, then started."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ajour.engines.cluster import environment
from ajour.engines.probe import answer, is_free
from ajour.engines.run_as import run_as
from servers import WATCHER, Server

REPLICATION = "host replication all 127.0.0.1/32 scram-sha-256\n"


def let_standbys_in(data: Path) -> None:
    """Let a server be copied: to be done before it starts."""
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(REPLICATION)


@contextlib.contextmanager
def standby(server: Server, programs: Path) -> Iterator[int]:
    """Run a hot standby of `server`; yield its port. `programs` is PostgreSQL's bin/."""
    folder = Path(tempfile.mkdtemp(prefix="ajour-tests-"))
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCHER, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        data, user, url = folder / "data", run_as(), server.url("postgres")
        copy = (programs / "pg_basebackup", "-D", data, "-R", "-c", "fast", "--no-sync", "-d", url)
        subprocess.run(user.command(*copy), check=True, env=environment(), capture_output=True)
        user.own(data)
        yield _start(user.command(programs / "postgres", "-D", data), data, folder / "log")
    finally:
        watcher.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str], data: Path, log: Path) -> int:
    """Start the standby; serve.py would wait for a server that takes writes."""
    port = next(filter(is_free, range(50_000, 60_000)))
    lock = os.open(data.with_name("data.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    with log.open("w") as written:
        process = subprocess.Popen(
            [*command, "-p", str(port), "-c", "max_connections=200", "-c", "fsync=off"],
            env=environment(),
            stdout=written,
            stderr=written,
            pass_fds=(lock,),
            start_new_session=True,
        )
    fcntl.flock(lock, fcntl.LOCK_EX)  # the watcher sees by it that the server runs
    os.close(lock)
    deadline = time.monotonic() + 30
    while answer(port) != "ready":
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.02)
    process.returncode = 0  # the watcher ends it
    return port

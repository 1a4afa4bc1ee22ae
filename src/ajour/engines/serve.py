"""Starts and stops the server of a data directory. Whoever calls sees to it that one does.

Whether a server uses the directory is not concluded from process ids, which are reused, and
which mean nothing in another container. The server and all its children hold an advisory lock
(flock) on a file beside the directory: it was open in the process that started them, and they
inherited it. The kernel drops it with the last of them, however they end.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ajour.engines.cluster import Cluster, environment
from ajour.engines.extensions import stand_in_options
from ajour.engines.postmaster import find_postmaster
from ajour.errors import Refusal

FIRST_WORD = 20.0
"""Seconds until a server must have written its pid file, or have ended after a signal."""

RECOVERY = 600.0
"""Seconds for a server that says it is starting: it may have a crash to recover from."""

POLL = 0.004


def in_use(data: Path) -> bool:
    """Return whether a process of a server still uses the data directory."""
    held = _take_lock(data)
    if held is None:
        return True
    os.close(held)
    return False


def start(cluster: Cluster, port: int, log: Path, options: Sequence[str] = ()) -> bool:
    """Start the server, detached from us; return whether it takes connections now.

    False: it ended at once; its reasons are in the log. `options` are settings for this run.
    Raises Refusal when a process still uses the data directory, or when nothing is heard.
    """
    held = _take_lock(cluster.data)
    if held is None:
        raise Refusal(f"Another process uses the embedded server's data in {cluster.data}.")
    try:
        # Nobody uses the directory, so this file is a leftover, and whoever has its pid now is
        # a stranger. PostgreSQL itself would not start beside such a stranger.
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        pid = _spawn(cluster, port, log, options, held)
    finally:
        os.close(held)
    return _await_ready(cluster.data, pid)


def stop(data: Path) -> bool:
    """Stop the server that runs on the data directory; return whether one did.

    Connections are ended, nothing is lost. Only a process that is seen to be the server of this
    directory gets a signal. Raises Refusal when it cannot be seen, or does not end.
    """
    if not in_use(data):
        return False
    for how in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate
        server = find_postmaster(data)
        if server is not None:
            os.kill(server.pid, how)
        deadline = time.monotonic() + FIRST_WORD
        while time.monotonic() < deadline:
            if server is not None:
                _has_ended(server.pid)
            if not in_use(data):
                return True
            time.sleep(POLL)
    raise Refusal(
        f"The server that uses {data} does not end.",
        hint="Does it run in another container, or does a program that it started still run?",
    )


def _spawn(cluster: Cluster, port: int, log: Path, options: Sequence[str], held: int) -> int:
    settings = (*stand_in_options(cluster.binaries.major), *options)
    command = cluster.run.command(
        cluster.binaries.bin / "postgres",
        *("-D", cluster.data, "-p", str(port)),
        *(word for setting in settings for word in ("-c", setting)),
    )
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            command,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            pass_fds=(held,),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    process.returncode = 0  # it is to outlive us; otherwise Python warns that it still runs
    return process.pid


def _await_ready(data: Path, pid: int) -> bool:
    """Wait for the server to say in its pid file that it is ready; False when it ended."""
    began = time.monotonic()
    while not _has_ended(pid):
        server = find_postmaster(data)
        if server is not None and server.pid == pid and server.state == "ready":
            return True
        if time.monotonic() - began > (RECOVERY if server else FIRST_WORD):
            raise Refusal(f"The embedded server (pid {pid}) does not come up.")
        time.sleep(POLL)
    return False


def _has_ended(pid: int) -> bool:
    """Return whether a child of ours has ended, and take note of it; False for other processes."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


def _take_lock(data: Path) -> int | None:
    """Return a descriptor that holds the server's lock, or None when a server holds it."""
    lock = os.open(data.with_name(data.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock

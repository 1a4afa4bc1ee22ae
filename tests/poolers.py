"""A real PgBouncer in front of the test server, for as long as a test needs it."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ajour.engines.probe import answer, is_free
from ajour.engines.run_as import run_as
from lacking import leave_out
from servers import PASSWORD

PROGRAM = "/usr/sbin/pgbouncer"

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
ignore_startup_parameters = extra_float_digits,options
admin_users = postgres
"""


@contextlib.contextmanager
def pgbouncer(url: str, mode: str = "transaction", size: int = 10) -> Iterator[str]:
    """Run PgBouncer before the server of `url`; yield the URL through it.

    mode: "transaction" or "session". size: server connections for each database.
    """
    if not Path(PROGRAM).exists():
        leave_out("there is no PgBouncer")
    there = urlsplit(url)
    with tempfile.TemporaryDirectory(prefix="ajour-pgbouncer-") as name:
        folder = Path(name)
        (folder / "users").write_text(f'"postgres" "{PASSWORD}"\n')
        for port in filter(is_free, range(30_000, 40_000)):
            text = CONFIGURATION.format(
                server=there.port, port=port, folder=folder, mode=mode, size=size
            )
            (folder / "ini").write_text(text)
            process = _start(folder)
            if _listens(process, port, folder / "log"):
                break
        try:
            yield url.replace(f":{there.port}/", f":{port}/")
        finally:
            process.terminate()
            process.wait()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    user = run_as()  # like PostgreSQL, it refuses to run as root
    with (folder / "log").open("w") as log:
        return subprocess.Popen(user.command(PROGRAM, folder / "ini"), stdout=log, stderr=log)


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Wait until it takes connections; False when another process was faster with the port."""
    deadline = time.monotonic() + 10
    while f"listening on 127.0.0.1:{port}" not in log.read_text() or answer(port) == "silent":
        if process.poll() is not None and "in use" in log.read_text():
            return False
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"PgBouncer does not start:\n{log.read_text()}")
        time.sleep(0.02)
    return True

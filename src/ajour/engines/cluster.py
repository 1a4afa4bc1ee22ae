"""One PostgreSQL data directory: made and filled. Knows nothing of projects; serve.py runs it."""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ajour.engines.binaries import Binaries
from ajour.engines.extensions import stand_in_options
from ajour.engines.run_as import RunAs
from ajour.errors import Refusal

HBA = "host all all 127.0.0.1/32 scram-sha-256\n"

CONF = """
# Set by ajour. Loopback only and no Unix socket: its path would be limited to 107 bytes.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
"""

KEPT_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that PostgreSQL gets of our environment: addresses and passwords in it stay here."""

LEAVE_BUILT_IN_IDS = """
do $$ begin
    while pg_nextoid('pg_class', 'oid', 'pg_class_oid_index') < 16384 loop end loop;
end $$
"""
"""Uses up the object ids below 16384. The single-user backend, unlike a server, would give them
to new objects, and PostgreSQL takes whatever has one for built in: row level security does not
hold there, and pg_dump leaves it out (FirstNormalObjectId in access/transam.h)."""

SAID = 12
"""How many lines of a failed program's words are shown."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, what runs it and as whom."""

    data: Path
    binaries: Binaries
    run: RunAs


def create(cluster: Cluster, settings: Sequence[str], texts: Sequence[str]) -> None:
    """Make a new cluster and run each text in its database `postgres`.

    `settings` are lines for postgresql.conf. Nobody can log in yet: no role has a password.
    Raises Refusal with the program's own words.
    """
    cluster.data.mkdir(mode=0o700)
    cluster.run.own(cluster.data)
    _run(
        cluster.run.command(
            cluster.binaries.bin / "initdb",
            *("--pgdata", cluster.data, "--username", "postgres", "--auth", "reject"),
            *initdb_options(cluster.binaries.major),
            *("--no-sync", *(["--no-instructions"] if cluster.binaries.major >= 14 else [])),
        )
    )
    (cluster.data / "pg_hba.conf").write_text(HBA)
    with (cluster.data / "postgresql.conf").open("a") as conf:
        conf.write(CONF + "".join(f"{line}\n" for line in settings))
    if texts:
        run_alone(cluster, [LEAVE_BUILT_IN_IDS, *texts])


def run_alone(cluster: Cluster, texts: Sequence[str], *, durable: bool = False) -> None:
    """Run each text in database `postgres` of a cluster that no server runs on.

    By the single-user backend: every PostgreSQL has it (psql is left out by some), it needs no
    port and no password, and it is done in 40 ms. Each text is one transaction.
    Raises Refusal with the server's words at the first error.
    """
    command = cluster.run.command(
        cluster.binaries.bin / "postgres",
        *("--single", "-D", cluster.data, "-j", "-c", "exit_on_error=on"),
        *("-c", f"fsync={'on' if durable else 'off'}"),
        *(word for option in stand_in_options(cluster.binaries.major) for word in ("-c", option)),
        "postgres",
    )
    # With -j a command ends at a semicolon and an empty line: a text may hold none inside.
    joined = (re.sub(r";\s*\n\s*\n", ";\n", text.strip()) for text in texts)
    _run(command, "".join(f"{text}\n;\n\n" for text in joined))


def set_password(cluster: Cluster, password: str, *, durable: bool = False) -> None:
    """Give role `postgres` a password. `password` has no quote and no backslash."""
    run_alone(cluster, [f"alter role postgres password '{password}'"], durable=durable)


def initdb_options(major: int) -> tuple[str, ...]:
    """Return the options that decide what is in a cluster.

    Order is by code point, upper case knows all letters: the same on every system. The log's
    pieces are 4 MB, not 16: the first of them is a third of what each new project copies.
    """
    always = ("--wal-segsize", "4", "--encoding", "UTF8", "--locale", "C")
    if major >= 17:
        return (*always, "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
    return (*always, "--lc-ctype", "C.UTF-8")


def environment() -> dict[str, str]:
    """Return the environment of every program of PostgreSQL that we start."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _run(command: list[str], text: str | None = None) -> None:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, env=environment(), check=False
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Refusal("The embedded server could not be made ready.", details=tuple(said[-SAID:]))

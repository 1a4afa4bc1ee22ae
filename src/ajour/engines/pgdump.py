"""Reads the schema of a database with a pg_dump that can: new enough, and with TLS where needed."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from ajour.engines.binaries import PACKAGED, Binaries
from ajour.engines.cluster import environment
from ajour.errors import Refusal
from ajour.redact import redact
from ajour.target import Target

_CLIENTS = (*PACKAGED, ("/opt/homebrew/opt", "libpq*/bin"), ("/usr/local/opt", "libpq*/bin"))

_WORDS = (
    *("--schema-only", "--no-tablespaces", "--no-subscriptions", "--no-security-labels"),
    *("--encoding=UTF8", "--lock-wait-timeout=30s"),
)

_VARIABLES = {
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "require_auth": "PGREQUIREAUTH",
    "requirepeer": "PGREQUIREPEER",
    "sslcert": "PGSSLCERT",
    "sslcertmode": "PGSSLCERTMODE",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslkey": "PGSSLKEY",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslrootcert": "PGSSLROOTCERT",
    "sslsni": "PGSSLSNI",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
}
"""libpq's parameters that decide how we get in, by the variables that stand for them."""

_NO_TLS = "SSL support is not compiled in"
SAID = 8
"""How many lines of a failed pg_dump's words are shown."""


def dump_schema(
    target: Target, server_version: int, binaries: Binaries, leave_out: Iterable[str]
) -> str:
    """Return the schema of the database as plain SQL, without the schemas in `leave_out`.

    `server_version` is as server_version_num. The password goes by the environment: the command
    line of a process is for everyone to read. Raises Refusal.
    """
    major = server_version // 10000
    words = [*_WORDS, *(f"--exclude-schema={schema}" for schema in sorted(leave_out))]
    passed_over = []
    for program, version in _programs(binaries):
        if version < major:
            passed_over.append(f"{program} is of PostgreSQL {version}")
            continue
        done = _run(program, words, target)
        if done.returncode == 0:
            return done.stdout
        if _NO_TLS not in done.stderr:
            raise _failed(done.stderr, target)
        passed_over.append(f"{program} has no TLS")
    raise Refusal(
        f"No pg_dump was found that can read this database: PostgreSQL {major}, with TLS"
        f" (sslmode={target.sslmode}).",
        details=tuple(passed_over),
        hint=f"Install the client programs of PostgreSQL {major} or newer (the package"
        f" postgresql-client-{major}, or libpq of Homebrew). Or make the dump where they are:"
        " pg_dump --schema-only … > dump.sql, then ajour db base --from dump.sql.",
    )


def login(target: Target) -> dict[str, str]:
    """Return the variables by which a program of PostgreSQL finds and enters the database."""
    options = dict(target.options)
    found = {
        "PGHOST": target.host,
        "PGPORT": str(target.port),
        "PGUSER": target.user,
        "PGDATABASE": target.dbname,
        "PGSSLMODE": target.sslmode,
        "PGAPPNAME": "ajour",
        **{_VARIABLES[name]: value for name, value in options.items() if name in _VARIABLES},
    }
    if target.local_port is not None:  # a tunnel: the name stays, for the certificate
        found |= {"PGHOSTADDR": "127.0.0.1", "PGPORT": str(target.local_port)}
    return found | ({"PGPASSWORD": target.password} if target.password is not None else {})


def _programs(binaries: Binaries) -> Iterator[tuple[Path, int]]:
    """Yield each pg_dump of this machine and its major version, the embedded server's first."""
    folders = (found for base, pattern in _CLIENTS for found in Path(base).glob(pattern))
    on_path = shutil.which("pg_dump")
    candidates = [
        binaries.bin / "pg_dump",
        *([Path(on_path)] if on_path else []),
        *sorted((folder / "pg_dump" for folder in folders), reverse=True),
    ]
    for program in dict.fromkeys(candidates):
        if program.is_file() and (version := _version(program)):
            yield program, version


def _version(program: Path) -> int | None:
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, env=environment(), check=False
        ).stdout
    except OSError:
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else None


def _run(program: Path, words: list[str], target: Target) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *words],
        capture_output=True,
        encoding="utf-8",
        env=environment() | login(target),
        check=False,
    )


def _failed(said: str, target: Target) -> Refusal:
    lines = redact(said, target.secrets).strip().splitlines()
    pooled = target.port == 6543
    return Refusal(
        "pg_dump cannot read the schema of this database.",
        details=tuple(lines[-SAID:]),
        hint="Through a transaction pooler it never can: take the port 5432, not 6543."
        if pooled
        else "Connect as the owner of the tables, such as postgres.",
    )

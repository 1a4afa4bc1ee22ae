"""Reads a database with a pg_dump that can: new enough, and with TLS where needed."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ajour.engines.binaries import PACKAGED, Binaries, find_binaries
from ajour.engines.cluster import environment
from ajour.engines.tls_bridge import bridge
from ajour.errors import Refusal
from ajour.redact import redact
from ajour.target import Target

_CLIENTS = (*PACKAGED, ("/opt/homebrew/opt", "libpq*/bin"), ("/usr/local/opt", "libpq*/bin"))

LOCK_WAIT = "--lock-wait-timeout=30s"
"""A table that somebody has locked ends the dump; it is not waited for without end."""

_WORDS = (
    *("--schema-only", "--no-tablespaces", "--no-subscriptions", "--no-security-labels"),
    *("--encoding=UTF8", LOCK_WAIT),
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
_WANTS_TLS = re.compile("no encryption|SSL off")
_GONE = re.compile(
    "terminating connection|closed the connection|connection .*lost|Connection refused"
    "|is (?:starting up|shutting down)"
)
_HINTS = (
    (re.compile("lock timeout"), "Somebody has locked a table for long: try again later."),
    (_GONE, "The server went away, or was restarted: try again when it is up."),
)
_QUERY = re.compile(r"^pg_dump: (?:detail: )?Query was: .*?(?=^pg_dump: |\Z)", re.M | re.S)
"""The query that did not end: many lines that tell nobody anything."""

SAID = 8
"""How many lines of a failed pg_dump's words are shown."""


class NoPgDump(Refusal):
    """No pg_dump of this machine can read the server; `details` say what was found."""


@dataclass(frozen=True, slots=True)
class Dumped:
    """What a pg_dump wrote to its standard output, and which one it was."""

    text: str
    major: int


def dump_schema(
    target: Target, server_version: int, binaries: Binaries, leave_out: Iterable[str]
) -> str:
    """Return the schema of the database as plain SQL, without the schemas in `leave_out`.

    `server_version` is as server_version_num. Raises Refusal.
    """
    words = [*_WORDS, *(f"--exclude-schema={schema}" for schema in sorted(leave_out))]
    try:
        return dump(target, server_version, binaries, words).text
    except NoPgDump as none:
        none.hint = (
            f"{none.hint} Or make the dump where they are: pg_dump --schema-only … > dump.sql,"
            " then ajour db base --from dump.sql."
        )
        raise


def dump(
    target: Target, server_version: int, binaries: Binaries | None, words: Sequence[str]
) -> Dumped:
    """Run pg_dump with `words` and return what it says: the first of this machine that can.

    The password goes by the environment: the command line of a process is for everyone to read.
    One without TLS is bridged, when none with it was found. Raises NoPgDump; Refusal with the
    program's words where it cannot read the database.
    """
    major = server_version // 10000
    passed_over, without_tls = [], []
    for program, version in _programs("pg_dump", binaries):
        if version < major:
            passed_over.append(f"{program} is of PostgreSQL {version}")
            continue
        done = _run(program, words, target)
        if done.returncode == 0:
            return Dumped(done.stdout, version)
        if _NO_TLS not in done.stderr and not _WANTS_TLS.search(done.stderr):
            raise _failed(done, target)
        without_tls.append((program, version))
    if not without_tls:
        raise NoPgDump(
            f"No pg_dump was found that can read this database of PostgreSQL {major}.",
            details=tuple(passed_over),
            hint=f"Install the client programs of PostgreSQL {major} or newer (the package"
            f" postgresql-client-{major}, or libpq of Homebrew).",
        )
    program, version = without_tls[0]
    with bridge(target) as opened:
        done = _run(program, words, opened.target)
    if done.returncode != 0:
        raise _failed(done, target, opened.problem)
    return Dumped(done.stdout, version)


def read_archive(file: Path, made_by: int, binaries: Binaries | None) -> None:
    """Read all of a dump in pg_dump's own format, made by a pg_dump of major `made_by`.

    Listing its contents would not notice that it was cut short. Raises Refusal.
    """
    for _ in _restore(file, made_by, binaries, (f"--file={os.devnull}",)):
        continue


def script(
    file: Path, made_by: int, binaries: Binaries | None, words: Sequence[str]
) -> Generator[bytes, None, None]:
    """Yield the lines that pg_restore makes of such a dump. Nothing is connected to.

    Raises Refusal, at the latest behind the last line, when the file cannot be read in full.
    """
    to = () if "--list" in words else ("--file=-",)
    yield from _restore(file, made_by, binaries, (*words, *to))


def _restore(
    file: Path, made_by: int, binaries: Binaries | None, words: Sequence[str]
) -> Generator[bytes, None, None]:
    found = (each for each in _programs("pg_restore", binaries) if each[1] >= made_by)
    program, _ = next(found, (None, 0))
    if program is None:
        raise Refusal(
            f"No pg_restore of PostgreSQL {made_by} or newer was found.",
            hint=f"Install the client programs of PostgreSQL {made_by} or newer.",
        )
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [program, *words, file],
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment(),
            bufsize=1 << 20,
        ) as process,
    ):
        assert process.stdout is not None, "asked for above"
        try:
            yield from process.stdout
        except BaseException:  # also when nobody wants the rest
            process.kill()
            raise
        if process.wait() != 0:
            if process.returncode < 0:
                raise Refusal(
                    f"pg_restore was killed ({_signal(process.returncode)}) while it read"
                    f" {file.name}."
                )
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").strip().splitlines()
            raise Refusal(
                f"{file.name} cannot be read in full: it is cut short, or broken.",
                details=tuple(lines[-SAID:]),
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


def installed(setting: Path | None) -> Binaries | None:
    """Return the embedded server's programs, where it is there: clients may be there alone."""
    try:
        return find_binaries(setting)
    except Refusal:
        return None


def _programs(name: str, binaries: Binaries | None) -> Iterator[tuple[Path, int]]:
    """Yield each program `name` of this machine and its major version, the embedded one first."""
    folders = (found for base, pattern in _CLIENTS for found in Path(base).glob(pattern))
    on_path = shutil.which(name)
    candidates = [
        *([binaries.bin / name] if binaries else []),
        *([Path(on_path)] if on_path else []),
        *sorted((folder / name for folder in folders), reverse=True),
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


def _run(program: Path, words: Sequence[str], target: Target) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *words],
        capture_output=True,
        encoding="utf-8",
        env=environment() | login(target),
        check=False,
    )


def _failed(
    done: subprocess.CompletedProcess[str], target: Target, problem: str | None = None
) -> Refusal:
    """Return what ended a pg_dump, in its words; `problem`: of the bridge that it went through."""
    words = "\n".join(filter(None, (_QUERY.sub("", done.stderr), problem)))
    said = redact(words, target.secrets).strip()
    message, hint = "pg_dump cannot read this database.", _hint(said, target)
    if done.returncode < 0:
        message = f"pg_dump was killed ({_signal(done.returncode)})."
        hint = "Look whether this machine is short of memory, then try again."
    return Refusal(message, details=tuple(said.splitlines()[-SAID:]), hint=hint)


def _hint(said: str, target: Target) -> str:
    if "No space left on device" in said:
        return "Name a folder on another disk as backup_folder."
    if "certificate" in said:
        return "Look at sslmode and sslrootcert in the database URL, and at whom it names."
    if target.port == 6543:
        return "Through a transaction pooler it never can: take the port 5432, not 6543."
    return next(
        (hint for pattern, hint in _HINTS if pattern.search(said)),
        "Connect as the owner of the tables, such as postgres.",
    )


def _signal(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal has a number only
        return f"signal {-code}"

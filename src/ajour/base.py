"""Makes a real database's schema, and its history, the starting point of the embedded server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ajour import adopt
from ajour.adoption import Adoption, ForeignHistory
from ajour.api import Project
from ajour.config import load, password_on_command_line
from ajour.db import foreign
from ajour.db.history import prepare, read
from ajour.db.load import LeftOut, Load
from ajour.db.rows import fetch
from ajour.db.session import Session
from ajour.db.start import Rows, history_rows, on_platform_tables, take_rows
from ajour.db.statements import ours
from ajour.engines import base
from ajour.errors import Refusal, UsageError
from ajour.model import Finding
from ajour.settings import URL_VARIABLES, Settings
from ajour.sql.dump import entries, without
from ajour.sql.position import place
from ajour.takeover import choose
from ajour.target import Target, parse_url

_MAGIC = (
    (b"PGDMP", "is a dump in pg_dump's own format", "pg_restore -f dump.sql"),
    (b"\x1f\x8b", "is compressed", "gunzip"),
)


if TYPE_CHECKING:
    from ajour.tunnel import Tunnel


@dataclass(frozen=True, slots=True)
class Source:
    """What the starting point is made from."""

    label: str
    text: str
    """A plain SQL dump."""
    optional: int | None = None
    """Behind this offset stands what may be missing."""
    rows: Rows | None = None
    theirs: ForeignHistory | None = None
    """Another tool's history, where there is none of ours."""
    findings: tuple[Finding, ...] = ()


@dataclass
class Made:
    """What became of it."""

    statements: int = 0
    left_out: list[Finding] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    history: int = 0
    """How many rows the history begins with."""
    adoption: Adoption | None = None


def read_source(settings: Settings, given: str, environ: Mapping[str, str]) -> Source:
    """Read what `--from` names: a URL, a variable that holds one, or a file. Raises Refusal."""
    if given in URL_VARIABLES:
        target = load(settings.root, {}, environ).url
        if target is None:
            raise UsageError(
                f"{given} is not set.", hint="Set it in the environment or in .env, or give a URL."
            )
        return from_database(settings, target)
    if "://" not in given:
        return from_file(settings, Path(given))
    target = parse_url(given)
    if target.password is None:
        target = replace(target, password=environ.get("PGPASSWORD"))
        return from_database(settings, target)
    found = from_database(settings, target)
    return found if target.is_local else replace(found, findings=(password_on_command_line(),))


def from_database(settings: Settings, target: Target) -> Source:
    """Read schema and history of a database. Changes nothing there. Raises Refusal."""
    from ajour.engines.binaries import find_binaries
    from ajour.engines.pgdump import dump_schema

    managed = settings.profile.managed_schemas
    tunnel = _tunnel(settings)
    session = Session(target, tunnel)
    try:
        before = read(session.pgconn, settings.table)
        rows = history_rows(session.pgconn, settings.table, before)
        theirs = None
        if not rows or not rows.count:
            found = [each for each in foreign.find(session.pgconn) if each.table != settings.table]
            theirs = choose(found, None) if any(each.rows for each in found) else None
        binaries = find_binaries(settings.postgres)
        reached = tunnel.reach(target) if tunnel else target
        text = dump_schema(reached, before.server.version, binaries, managed)
        beside = on_platform_tables(session.pgconn, managed)
        if read(session.pgconn, settings.table).history != before.history:
            raise Refusal(
                "The history of that database changed while its schema was read.",
                hint="Run it again when nothing is deployed there.",
            )
    finally:
        session.close()
    text = without(text, managed, settings.profile.platform_roles)
    added = "".join(f"{statement};\n" for statement in beside)
    return Source(str(target), f"{text}\n{added}", len(text), rows, theirs)


def from_file(settings: Settings, path: Path) -> Source:
    """Read a plain SQL dump. What it says of the platform's own schemas is left out."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            hint="--from takes a database URL, or a plain SQL dump.",
        ) from None
    except UnicodeDecodeError:
        magic = next((each for each in _MAGIC if data.startswith(each[0])), None)
        what, remedy = magic[1:] if magic else ("is not UTF-8 text", "pg_dump --encoding=UTF8")
        raise UsageError(f"{path} {what}.", hint=f"It has to be plain SQL: {remedy}") from None
    managed = settings.profile.managed_schemas - {foreign.SUPABASE_TABLE.schema}
    return Source(str(path), without(text, managed, settings.profile.platform_roles))


def _tunnel(settings: Settings) -> "Tunnel | None":
    if settings.tunnel is None:
        return None
    from ajour.tunnel import Tunnel  # starts programs: only where one is wanted

    return Tunnel(settings.tunnel)


def make(settings: Settings, source: Source) -> Made:
    """Make the starting point. The embedded server stays as it is until it is reset."""
    made = Made()

    def fill(url: str) -> None:
        nonlocal made
        with Project(settings, parse_url(url)) as copy:
            made = load_into(copy, source)

    base.make(
        settings.root, source.label, fill, profile=settings.profile, binaries=settings.postgres
    )
    return made


def load_into(copy: Project, source: Source) -> Made:
    """Put schema and history of the source into a new database. Raises Refusal."""
    made = Made()
    _load(copy, source, made)
    _history(copy, source, made)
    return made


def _load(copy: Project, source: Source, made: Made) -> None:
    pgconn = copy.session.pgconn
    if any(entry.schema == foreign.SUPABASE_TABLE.schema for entry in entries(source.text)):
        fetch(pgconn, f"drop schema if exists {foreign.SUPABASE_TABLE.schema} cascade")
    fetch(pgconn, ours("start_no_defaults"))
    load = Load(pgconn, source.text, source.label, source.optional)
    load.run()
    made.statements, made.roles = load.statements, load.roles
    made.left_out = [_finding(source, each) for each in load.left_out]


def _history(copy: Project, source: Source, made: Made) -> None:
    """Put the history into the copy: ours as it is, another tool's as far as files match it."""
    pgconn, table = copy.session.pgconn, copy.settings.table
    if source.rows is not None:
        take_rows(pgconn, table, source.rows, copy.state())
    state = copy.state()
    made.history = len(state.history.applied)
    theirs = source.theirs
    if not made.history and theirs is None:
        found = [each for each in foreign.find(pgconn) if each.rows and each.table != table]
        theirs = found[0] if len(found) == 1 else None
    if made.history or theirs is None:
        return
    made.adoption = adopt.match(copy.folder.migrations, theirs, frozenset())
    prepare(pgconn, table, state)
    foreign.take_over(pgconn, table, 0, made.adoption.matches)
    made.history = len(made.adoption.matches)


def _finding(source: Source, left: LeftOut) -> Finding:
    first = left.statement.text.partition("\n")[0]
    return Finding(
        "left-out",
        "info",
        f"{first}: {left.why}",
        place(source.text, left.statement.offset, source.label),
    )

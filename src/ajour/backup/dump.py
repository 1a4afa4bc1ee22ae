"""Makes a backup: by pg_dump where one can, else by COPY; read back in full before it counts."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ajour import __version__
from ajour.api import Project
from ajour.backup import copies, places
from ajour.backup.definitions import definitions
from ajour.backup.manifest import checksum, write
from ajour.catalog.read import read
from ajour.db import copies as db
from ajour.db.history import State
from ajour.db.pooler import mode
from ajour.engines.pgdump import LOCK_WAIT, NoPgDump, dump, installed, read_archive
from ajour.errors import Refusal, UsageError
from ajour.model import Relation
from ajour.report.words import size, some
from ajour.saved import Backup, SavedTable
from ajour.sql.names import qualified
from ajour.target import Target

_WORDS = ("--format=custom", "--encoding=UTF8", "--no-subscriptions", LOCK_WAIT)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a backup is made."""

    precedes: tuple[str, ...] = ()
    """The migrations that are about to run."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A new backup, and what had to go for it."""

    backup: Backup
    deleted: tuple[Backup, ...] = ()
    why_copied: str | None = None
    """Where there is no pg_dump for it: what was missing."""


def make(
    project: Project,
    now: datetime,
    occasion: Occasion | None = None,
    only: tuple[Relation, ...] = (),
) -> Made:
    """Back up the project's schemas, or the tables `only`. Raises Refusal; then there is none.

    Nothing is changed in the database.
    """
    state = project.state()
    check_way(project, state, "A backup")
    found = chosen(tables(project), only)
    _check_rights(found, state.server.user)
    folder = places.ready(project.settings)
    needed = sum(each.bytes for each in found)
    if not only:
        needed += db.large_objects(project.session.pgconn).bytes
    if needed > project.settings.backup_max:
        raise Refusal(
            f"The tables have {size(needed)}, more than backup_max ({_max(project)}).",
            hint="Make sure of a physical backup (on Supabase: Database → Backups), then deploy"
            " with --backup never; or raise backup_max.",
        )
    places.check_room(folder, needed)
    occasion = occasion or Occasion()
    name = _name(project.target.dbname, now, occasion.precedes)
    why = None
    try:
        file = _dumped(project, state, found, folder / f"{name}.dump", whole=not only)
    except NoPgDump as none:
        file, lacks = _copied(project, found, folder / f"{name}.copy", whole=not only)
        why = " ".join((none.message, *lacks))
    backup = Backup(
        kind="pg_dump" if file.dump_major else "copy",
        path=file.path,
        made_at=now,
        database=project.target.dbname,
        place=project.target.place,
        server_version=state.server.version,
        made_with=__version__,
        dump_major=file.dump_major,
        whole=not only,
        bytes=file.path.stat().st_size,
        sha256=file.sha256,
        tables=file.tables,
        history=tuple(row.name for row in state.history.applied),
        precedes=occasion.precedes,
        reasons=occasion.reasons,
    )
    write(backup)
    return Made(backup, places.keep(folder, backup, project.settings.backups_kept), why)


def tables(project: Project) -> tuple[db.Table, ...]:
    """Return the tables that a backup of the project has."""
    return db.tables(project.session.pgconn, project.settings.profile.managed_schemas)


def holds_nothing(project: Project, found: Iterable[db.Table]) -> bool:
    """Tell whether no table but the history's has ever had a row: there is nothing to save."""
    history = project.settings.table
    ours = {history, Relation(history.schema, f"{history.name}_in_progress")}
    pgconn = project.session.pgconn
    stored = (each for each in found if each.relation not in ours and each.kind == "r")
    return not any(db.there(pgconn, each.relation).filled for each in stored)


def check_way(project: Project, state: State, what: str) -> None:
    """Raise Refusal where a pooler lends us its connections for a transaction only."""
    if mode(project.session, state.server.backend.pid) != "transaction":
        return
    project.session.look_away()
    port = project.target.port
    other = "5432" if port == 6543 else "that of the server itself, or of a session pooler"
    raise Refusal(
        f"{what} needs a session, and {project.target.place} lends its connections for a"
        " transaction only.",
        hint=f"Use the port {other} (on Supabase: Connect → Session pooler or Direct connection).",
    )


def chosen(found: tuple[db.Table, ...], only: tuple[Relation, ...]) -> tuple[db.Table, ...]:
    """Return the tables `only`, with their partitions; all without it. Raises UsageError."""
    if not only:
        return found
    known = {each.relation for each in found}
    for relation in only:
        if relation not in known:
            raise UsageError(
                f"There is no table {relation}, or it is the platform's.",
                hint="Write schema.table.",
            )
    wanted = set(only)
    for _ in found:  # as deep as partitions can be
        wanted |= {each.relation for each in found if each.parent in wanted}
    return tuple(each for each in found if each.relation in wanted)


def _check_rights(found: Iterable[db.Table], user: str) -> None:
    """Raise Refusal where this role would not get all rows."""
    filtered = tuple(str(each.relation) for each in found if each.filtered)
    if filtered:
        raise Refusal(
            f"Row level security would hide rows of {some(filtered)} from the role {user}:"
            " a backup would be incomplete.",
            hint="Connect as a role with BYPASSRLS, or as the owner of the tables (on Supabase that"
            " is postgres).",
        )
    closed = tuple(str(each.relation) for each in found if not each.readable)
    if closed:
        raise Refusal(
            f"The role {user} may not read {some(closed)}: a backup would be incomplete.",
            hint="Connect as the owner of the tables (on Supabase that is postgres).",
        )


@dataclass(frozen=True, slots=True)
class _File:
    """A verified file."""

    path: Path
    sha256: str
    tables: tuple[SavedTable, ...]
    dump_major: int | None = None


def _dumped(
    project: Project, state: State, found: tuple[db.Table, ...], final: Path, *, whole: bool
) -> _File:
    scope = [f"--exclude-schema={each}" for each in project.settings.profile.managed_schemas]
    if not whole:
        scope = [f"--table={qualified(each.relation)}" for each in found]
    binaries = installed(project.settings.postgres)
    with places.unfinished(final) as part:
        words = [*_WORDS, *sorted(scope), f"--file={part}"]
        done = dump(_reached(project), state.server.version, binaries, words)
        read_archive(part, done.major, binaries)
        sha256 = checksum(part)
    return _File(final, sha256, tuple(map(_saved, found)), done.major)


def _copied(
    project: Project, found: tuple[db.Table, ...], final: Path, *, whole: bool
) -> tuple[_File, list[str]]:
    """Return the file, and what it does not have. Raises Refusal."""
    session, profile = project.session, project.settings.profile
    catalog = read(session, profile) if whole else None
    made = definitions(catalog) if catalog else None
    with places.unfinished(final) as part:
        counts = copies.write(session, found, part, made)
        copies.verify(part, counts)
        if catalog and read(session, profile) != catalog:
            raise Refusal(
                "The schema was changed by somebody else while it was saved.",
                hint="Try again when nothing else is deployed.",
            )
        sha256 = checksum(part)
    saved = (replace(_saved(each), rows=counts.get(str(each.relation), 0)) for each in found)
    lacks = []
    if db.large_objects(session.pgconn).count:
        lacks.append("Large objects are not in the copy.")
    if made and made.unknown:
        lacks.append(f"Not in the copy: {some(tuple(map(str, made.unknown)))}.")
    return _File(final, sha256, tuple(saved)), lacks


def _saved(table: db.Table) -> SavedTable:
    parent = table.parent
    return SavedTable(
        schema=table.relation.schema,
        name=table.relation.name,
        kind=table.kind,
        bytes=table.bytes,
        rows=table.rows,
        columns=table.columns,
        key=table.key,
        indexes=table.indexes,
        sequences=table.sequences,
        parent=(parent.schema, parent.name) if parent else None,
    )


def _reached(project: Project) -> Target:
    """Return the target as a program reaches it, with the password that libpq found for us."""
    tunnel = project.session.tunnel
    target = tunnel.reach(project.target) if tunnel else project.target
    password = project.session.pgconn.password
    return replace(target, password=os.fsdecode(password) if password else target.password)


def _name(database: str, now: datetime, precedes: tuple[str, ...]) -> str:
    """Return the name of a backup's file, without its end."""
    parts = [
        database,
        f"{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03}Z",  # two in a second are two
        *(name.removesuffix(".sql") for name in precedes[:1]),
    ]
    return "_".join(re.sub(r"[^\w.-]+", "-", part)[:80] for part in parts)


def _max(project: Project) -> str:
    return size(project.settings.backup_max)

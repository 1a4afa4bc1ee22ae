"""What the server and our role on it mean for a migration: each fact becomes a check."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from ajour.api import Project
from ajour.db.examine import Facts
from ajour.errors import Refusal
from ajour.migrate import check_writable
from ajour.model import Check, Relation
from ajour.profiles import SUPABASE, Profile
from ajour.report.words import size, some
from ajour.settings import Settings, show_duration
from ajour.sql.needs import CREATE, CREATEDB, CREATEROLE, SUPERUSER, Needs

OLDEST, NEWEST = 13, 18
"""The major versions that ajour is tested on."""

BIG = 1 << 30
"""Bytes from which on a table is worth a word before it is changed."""

ROOM = 0.05
"""How much of a disk should be free: Supabase stops writing at 95 %."""


def version(facts: Facts) -> Check:
    """Say which PostgreSQL it is, and whether that is one of those we know."""
    major, said = facts.number // 10_000, f"PostgreSQL {facts.version}"
    if major < OLDEST:
        hint = f"Upgrade it: PostgreSQL {OLDEST} to {NEWEST} are supported."
        return Check("version", "failed", f"{said} is too old.", hint)
    if major > NEWEST:
        hint = "Try the migrations on a copy first, and look for a newer ajour."
        return Check("version", "warning", f"{said} is newer than this ajour knows.", hint)
    return Check("version", "ok", said)


def writing(project: Project) -> Check:
    """Say whether the server takes writes: a replica and a full disk do not."""
    try:
        check_writable(project.state())
    except Refusal as refusal:
        return Check("writing", "failed", refusal.message, refusal.hint)
    return Check("writing", "ok", "the server takes writes, and is no replica")


def role(facts: Facts) -> Check:
    """Say whom we are, where that goes beyond what a migration needs as well."""
    ours = facts.role
    can = [
        word
        for word, has in (
            ("is a superuser", ours.superuser),
            ("passes over row level security", ours.bypasses_rls and not ours.superuser),
            ("makes roles", ours.creates_roles and not ours.superuser),
            ("makes databases", ours.creates_databases and not ours.superuser),
        )
        if has
    ]
    return Check("role", "ok", f"{ours.name}{' ' if can else ''}{', '.join(can)}")


def rights(facts: Facts, needs: Needs, table: Relation, profile: Profile) -> Check:
    """Say what the role may not do that the history or the pending files need."""
    missing = [*_for_the_history(facts, table), *_for_the_files(facts, needs, profile)]
    if missing:
        said, hint = missing[0]
        more = tuple(f"also: {other}" for other, _ in missing[1:])
        return Check("rights", "failed", said, hint, more)
    owner = facts.rights.owner
    if owner and not facts.rights.owns:
        said = f"{facts.role.name} writes to {table}, but only its owner {owner} may alter it."
        hint = f"Connect as {owner}, or: alter table {table} owner to {facts.role.name};"
        return Check("rights", "warning", said, hint)
    asked = needs.tables or needs.extensions or needs.rights
    files = " and, as far as parsing shows, for the pending files" if asked else ""
    return Check("rights", "ok", f"enough for {table}{files}")


def _for_the_history(facts: Facts, table: Relation) -> Iterator[tuple[str, str]]:
    name, has = facts.role.name, facts.rights
    if has.owner is not None:
        if not has.writes:
            yield (
                f"{name} may not read and write {table}, which belongs to {has.owner}.",
                f"Connect as {has.owner}.",
            )
        return
    if has.creates_tables is None and not has.creates_schemas:
        yield (
            f"{name} may not create the schema {table.schema} for the history.",
            f"Let an owner run: create schema {table.schema} authorization {name};",
        )
    elif has.creates_tables is False:
        yield (
            f"{name} may not create tables in the schema {table.schema}.",
            f"Let its owner run: grant create on schema {table.schema} to {name};",
        )


def _for_the_files(facts: Facts, needs: Needs, profile: Profile) -> Iterator[tuple[str, str]]:
    name, superuser = facts.role.name, facts.role.superuser
    for each in facts.tables:
        if not each.owned and not superuser:
            yield (
                f"A pending file changes {each.name}, which belongs to {each.owner}.",
                f"Connect as {each.owner}, or take it out of the files.",
            )
    for extension in facts.extensions:
        if not extension.available:
            yield (
                f"A pending file creates the extension {extension.name}: this server has none.",
                "Install it on the server's machine, or use a PostgreSQL that has it.",
            )
        elif not (extension.installed or extension.trusted or superuser or profile is SUPABASE):
            yield (
                f"A pending file creates the extension {extension.name}, which takes a superuser.",
                f'Let a superuser run: create extension "{extension.name}";',
            )
    has = {
        CREATE: facts.rights.creates_schemas,
        CREATEROLE: facts.role.creates_roles,
        CREATEDB: facts.role.creates_databases,
        SUPERUSER: profile is SUPABASE,  # the platform lets its `postgres` do some of it
    }
    for right in sorted(needs.rights):
        if not (superuser or has[right]):
            yield (
                f"A pending file needs what {name} does not have: {right}.",
                "Connect as a role that has it, or let the owner grant it.",
            )


def timeouts(facts: Facts, settings: Settings) -> Check:
    """Say which limits are in force; ajour's own ones replace most of them."""
    found = {each.name: each for each in facts.timeouts}
    set_ones = [
        f"{each.name} {show_duration(each.milliseconds)} ({each.source})"
        for each in facts.timeouts
        if each.milliseconds
    ]
    own = (
        f"a migration has its own: lock_timeout {show_duration(settings.lock_timeout)},"
        f" statement_timeout {show_duration(settings.statement_timeout)}"
    )
    said = f"{', '.join(set_ones) or 'none is set'}; {own}"
    whole = found.get("transaction_timeout")
    if whole and whole.milliseconds:
        return Check(
            "timeouts",
            "warning",
            f"{said}. transaction_timeout ends every migration that takes longer.",
            f"alter role {facts.role.name} set transaction_timeout = 0;",
        )
    return Check("timeouts", "ok", said)


def disk(facts: Facts, room: tuple[int, int] | None) -> Check:
    """Say how large the database is, and whether what is to change may be too large.

    room: free and total bytes of the server's disk, where they are known.
    """
    known = f"the database has {size(facts.size)}" if facts.size is not None else "size unknown"
    largest = ", ".join(f"{name} {size(bytes_)}" for name, bytes_ in facts.largest)
    said = f"{known}{f'; largest: {largest}' if largest else ''}"
    changed = max(facts.tables, key=lambda each: each.size, default=None)
    if room is not None:
        free, total = room
        said += f"; {size(free)} of {size(total)} free"
        if free < total * ROOM:
            hint = "Free room first: a full disk stops the server, and sometimes for good."
            return Check("disk", "warning", f"{said}: it is nearly full.", hint)
        if changed is None or free > 2 * changed.size:
            return Check("disk", "ok", said)
    if changed is not None and changed.size >= BIG:
        return Check(
            "disk",
            "warning",
            f"{said}. A pending file changes {changed.name}, {size(changed.size)}.",
            "A table that is rewritten needs its size again on the disk, and again in the WAL: see"
            " that this is free.",
        )
    return Check("disk", "ok", said)


def room(facts: Facts, project: Project) -> tuple[int, int] | None:
    """Return free and total bytes where the server's disk is one of this machine."""
    if not project.target.is_local or project.session.tunnel or not facts.data_directory:
        return None
    try:
        # A server in a container says a path that may be another one here.
        if not (Path(facts.data_directory) / "PG_VERSION").is_file():
            return None
        found = shutil.disk_usage(facts.data_directory)
    except OSError:
        return None
    return found.free, found.total


def time_zone(facts: Facts) -> Check:
    """Say the session's time zone: a timestamp without one depends on it."""
    return Check("time zone", "ok", facts.time_zone)


def encoding(facts: Facts) -> Check:
    """Say the database's encoding; files are UTF-8."""
    if facts.encoding == "UTF8":
        return Check("encoding", "ok", "UTF8")
    return Check(
        "encoding",
        "warning",
        f"{facts.encoding}: files are UTF-8, and not every character of them can be stored.",
        "create database … encoding 'UTF8', and move the data there.",
    )


def indexes(facts: Facts) -> Check:
    """Name the indexes that a build left behind unfinished."""
    if not facts.invalid:
        return Check("indexes", "ok", "all are valid")
    names = tuple(f"{each.name} on {each.table}" for each in facts.invalid)
    first = facts.invalid[0]
    hint = (
        f"Attach an index of each partition to {first.name}, or drop it."
        if first.partitioned
        else f"reindex index concurrently {first.name}; or drop index concurrently {first.name};"
    )
    noun = "index is" if len(names) == 1 else "indexes are"
    said = f"{len(names)} {noun} not valid: no query uses them, and writes may pay for them."
    return Check("indexes", "warning", said, hint, (some(names),))

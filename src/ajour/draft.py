"""Writes the drift of a database as a draft of a migration, and tries it on a scratch database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ajour.api import Project
from ajour.catalog.diff import ORDER
from ajour.drift import Compared, Drift, compared, replay
from ajour.errors import Refusal
from ajour.inverse.draft import body
from ajour.inverse.words import server_of
from ajour.model import Migration
from ajour.target import Target
from ajour.trial import said, some

NAME = "~draft.sql"
"""What it is called on the scratch database: behind every name of a file."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A migration that makes what the database has, behind those that are applied there."""

    text: str
    why_not: str | None
    """Why it is not proven; None where it makes the same schema."""
    pending: tuple[str, ...]
    """Files that were not applied: they stand before the draft, and it was made without them."""


def draft(project: Project, server: Target | None = None) -> tuple[Drift, Draft | None]:
    """Return the drift of the project's database, and the draft; None where there is no drift.

    The arguments are those of `drift.find`. Nothing is written. Raises Refusal as that does.
    """
    with compared(project, server) as found:
        if not found.drift.differences:
            return found.drift, None
        sql = body(found.made, found.live, found.drift.differences)
        why_not = _tried(found, sql)
        pending = tuple(file.name for file in found.pending)
        head = _head(why_not, found.made.version, pending)
        return found.drift, Draft(f"{head}\n{sql}", why_not, pending)


def _tried(found: Compared, sql: str) -> str | None:
    """Run the SQL behind the migrations; return why that does not make the database's schema."""
    folder = found.copy.folder
    file = Migration(NAME, str(folder.path / NAME), sql, sha256(sql.encode()).hexdigest())
    found.copy.folder = replace(folder, migrations=(*folder.migrations, file))
    try:
        replay(found.copy, with_roles=found.own)
    except Refusal as refusal:
        return said(refusal)
    left = [each for each in found.left() if each.attribute != ORDER]
    return f"The database still has another schema: {some(left)}." if left else None


def _head(why_not: str | None, version: int, pending: Sequence[str]) -> str:
    lines = ["What the database has, and the migrations that are applied there do not make.", ""]
    if why_not is None:
        lines.append(f"Proven on a scratch database ({server_of(version)}): behind them, it makes")
        lines.append("the schema that the database has.")
    else:
        lines += ["NOT PROVEN:", *why_not.splitlines()]
    if pending:
        lines.append(f"Made without what was pending, which is to run first: {', '.join(pending)}.")
    lines += ["", "The database has it already. There, this file is recorded and not run:"]
    lines.append("ajour repair --mark-applied <its name>")
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines)

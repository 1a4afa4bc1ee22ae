"""From the server's answer to an error that a person can act on: file, line, caret, what now."""

import re

from ajour.db.rows import ServerError
from ajour.db.segment import Segment
from ajour.db.wire import Command
from ajour.errors import MigrationFailed
from ajour.model import Progress, Statement, Where
from ajour.sql.position import place

_TOKEN = re.compile(r'"[^"\n]*"|\w+|.')


def migration_failed(
    segment: Segment, command: Command | None, error: ServerError, progress: Progress
) -> MigrationFailed:
    """Return the error for a migration whose `command` the server refused."""
    migration = segment.pending.migration
    statement = segment.statements.get(command) if command is not None else None
    if "ajour:history-touched" in error.message:
        return MigrationFailed(
            f"{migration.name} changes the history table itself, and was rolled back.",
            progress=progress,
            where=Where(str(migration.path)),
            hint="Take the statements that touch it out of the file: ajour keeps the history.",
        )
    where = Where(str(migration.path))
    if statement is not None:
        where = _where(migration.text, statement, error, str(migration.path))
    return MigrationFailed(
        error.message,
        progress=progress,
        where=where,
        details=_details(error),
        hint="Mend the file and run ajour again: what is applied stays, the rest is tried anew.",
        sqlstate=error.sqlstate,
    )


def _where(text: str, statement: Statement, error: ServerError, file: str) -> Where:
    """Point at the word that the server means, or else at the statement."""
    position = int(error.field("STATEMENT_POSITION") or 1)
    offset = statement.offset + position - 1
    token = _TOKEN.match(text, offset)
    return place(text, offset, file, len(token[0]) if token else 1)


def _details(error: ServerError) -> tuple[str, ...]:
    """Return the server's own words around its message."""
    parts = (
        ("detail", "MESSAGE_DETAIL"),
        ("server's hint", "MESSAGE_HINT"),
        ("in the query", "INTERNAL_QUERY"),
        ("context", "CONTEXT"),
    )
    said = ((label, error.field(name)) for label, name in parts)
    return (*(f"{label}: {text}" for label, text in said if text), f"SQLSTATE {error.sqlstate}")

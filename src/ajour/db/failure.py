"""From the server's answer to an error that a person can act on: file, line, caret, what now."""

import re

from ajour.db.rows import ServerError
from ajour.db.segment import Segment
from ajour.db.wire import Command
from ajour.errors import MigrationFailed
from ajour.model import Progress, Statement, Where
from ajour.sql.position import place

_TOKEN = re.compile(r'"[^"\n]*"|\w+|.')

GUARD = "only ajour may COMMIT a migration"
"""The name of the deferred constraint that forbids it, see db/history.sql."""

_IN_USE = re.compile(
    r'"(\w+_in_progress|ajour_commit_guard)" because it has pending trigger events'
)

_MEND = "Mend the file and run ajour again: what is applied stays, the rest is tried anew."
_HINTS = {
    "53100": "Free room on the server's disk, then run ajour again.",
    "53200": "Split the file: all that one transaction changes needs a lock each.",
    "55P03": "End what holds the lock, or give it more time with --lock-timeout.",
    "57014": "Give it more time with --statement-timeout, or split the work into batches.",
    "25001": "Because of what it works on it cannot run in a transaction: name the partitions of a"
    " partitioned table one by one, each in a statement of its own.",
    "25006": "The session cannot write: look at default_transaction_read_only.",
    "42501": "Connect as a role that may do this, such as the owner.",
}
"""What to do when the file itself may be right, by SQLSTATE."""


class Failed(Exception):
    """The first error of a stream: whose it is, and our own word when a guard raised it."""

    def __init__(self, segment: Segment, command: Command, error: ServerError) -> None:
        super().__init__(error.message)
        self.segment = segment
        self.command = command
        self.error = error
        self.note = ""
        """What else there is to say about it."""
        found = error.message.find("ajour:")
        self.ours = command not in segment.statements
        """The command is not the file's."""
        self.word = error.message[found:].split()[0] if self.ours and found >= 0 else ""


def migration_failed(failure: Failed, progress: Progress, *, detail: bool) -> MigrationFailed:
    """Return the error for a migration that the server refused a command of.

    detail: whether the server's DETAIL is shown, which may hold rows.
    """
    error, migration = failure.error, failure.segment.pending.migration
    statement = failure.segment.statements.get(failure.command)
    where = Where(migration.path)
    if statement is not None:
        where = _where(migration.text, statement, error, migration.path)
    if _history_touched(failure):
        said = (error.message, *_details(error, failure.note, detail=detail))
        return MigrationFailed(
            f"{migration.name} changes the history table itself, and was rolled back.",
            progress=progress,
            where=where,
            details=() if failure.word else said,
            hint="Take what touches it out of the file: ajour keeps the history. A loop over all"
            " tables has to leave it out, or the history gets a schema of its own: --table"
            " ajour.migrations",
        )
    if error.sqlstate == "23503" and error.field("CONSTRAINT_NAME") == GUARD:
        checks = statement is not None and "constraints" in statement.text.lower()
        return MigrationFailed(
            f"{migration.name} checks all deferred constraints, and one of them is ajour's own."
            if checks
            else f"{migration.name} ends its transaction itself, and was rolled back.",
            progress=progress,
            where=where,
            hint="Name the constraints instead of ALL, with their schema."
            if checks
            else "Take the COMMIT out of it: ajour runs each step in a transaction of its own.",
        )
    return MigrationFailed(
        error.message,
        progress=progress,
        where=where,
        details=_details(error, failure.note, detail=detail),
        hint=_HINTS.get(error.sqlstate, _MEND),
        sqlstate=error.sqlstate,
    )


def _history_touched(failure: Failed) -> bool:
    """Tell whether the file touched the history.

    Then a check of ours says so, or our statement fails over what the file made: a rule, a column,
    a constraint, a name, a trigger (0A, 22, 23, 42, P0); or the guard was in the file's way.
    """
    error = failure.error
    if failure.word:
        return failure.word == "ajour:history-touched"
    if guard_in_the_way(error):
        return True
    broken = error.sqlstate[:2] in {"0A", "22", "23", "42", "P0"} and error.sqlstate != "42501"
    return failure.command is failure.segment.record and broken


def guard_in_the_way(error: ServerError) -> bool:
    """Tell whether a statement failed because the commit guard is on the table it alters."""
    return error.sqlstate == "55006" and _IN_USE.search(error.message) is not None


def _where(text: str, statement: Statement, error: ServerError, file: str) -> Where:
    """Point at the word that the server means, or else at the statement."""
    position = int(error.field("STATEMENT_POSITION") or 1)
    offset = statement.offset + position - 1
    token = _TOKEN.match(text, offset)
    return place(text, offset, file, len(token[0]) if token else 1)


def _details(error: ServerError, note: str, *, detail: bool) -> tuple[str, ...]:
    """Return the server's own words around its message."""
    said = error.field("MESSAGE_DETAIL")
    parts = (
        ("detail", said if detail or not said else "hidden, because it may hold rows"),
        ("server's hint", error.field("MESSAGE_HINT")),
        ("in the query", error.field("INTERNAL_QUERY")),
        ("context", error.field("CONTEXT")),
    )
    lines = (f"{label}: {text}" for label, text in parts if text)
    return tuple(filter(None, (*lines, note, f"SQLSTATE {error.sqlstate}")))

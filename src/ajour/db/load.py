"""Loads a plain SQL dump into a new database, and says what of it had to be left out.

A dump of a real database names roles, extensions and objects of its platform that a new server may
lack. What gives rights, owners or comments may fail without harm; a table may not.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db.rows import ServerError, failed
from ajour.db.segment import commands_of
from ajour.db.wire import Command, Query, Reply, Sync, stream
from ajour.errors import Refusal
from ajour.model import Statement
from ajour.sql.names import quote
from ajour.sql.position import place
from ajour.sql.split import leading_words, split

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

BATCH = 100
"""Statements that are sent at once; when one of them fails, they are sent one by one."""

_NO_ROLE = re.compile(r'role "(.+)" does not exist')

_THERE_ALREADY = {"42P06", "42P07", "42710", "42723"}
_NO_LOSS = _THERE_ALREADY - {"42P07"}
"""What is there already is as good; only of a table it is not known that it has the same shape."""

_NOT_THERE = {"42704", "42883", "42P01", "42703", "3F000", "42P02"}
_UNAVAILABLE = {"0A000", "58P01", "42704", "22023"}

_MAY_FAIL = (
    (("create", "schema"), _THERE_ALREADY),
    (("create", "extension"), _THERE_ALREADY | _UNAVAILABLE),
    (("create", "table"), {"42P07"}),
    (("create", "publication"), _THERE_ALREADY),
    (("create", "policy"), _THERE_ALREADY),
    (("create", "trigger"), _THERE_ALREADY),
    (("create", "event"), _NOT_THERE | _THERE_ALREADY),
    (("alter", "publication"), _NOT_THERE | _THERE_ALREADY),
    (("alter", "default"), _NOT_THERE),
    (("comment",), _NOT_THERE),
    (("grant",), _NOT_THERE),
    (("revoke",), _NOT_THERE),
    (("set",), {"42704", "22023"}),
)
"""Statements by the words they begin with, and the SQLSTATEs that are no reason to stop."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A statement that was not run, and why."""

    statement: Statement
    why: str


@dataclass
class Load:
    """One dump on its way into a database."""

    pgconn: "PGconn"
    text: str
    file: str
    """What the dump is called in messages."""
    optional: int | None = None
    """From this offset on, what refers to something that is not there may fail as well."""
    statements: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    """Roles that the dump names and that were made for it; they cannot log in."""

    def run(self) -> None:
        """Load all of it, or nothing. Raises Refusal with the place of the statement at fault."""
        statements = split(self.text, self.file)
        self.statements = len(statements)
        self._send(Query("begin"))
        for start in range(0, len(statements), BATCH):
            batch = statements[start : start + BATCH]
            if self._try(batch) is None:
                continue
            for statement in batch:
                self._one(statement)
        self._send(Query("commit"))
        self._send(Query("discard all"))

    def _one(self, statement: Statement) -> None:
        """Run one statement; a role that it names is made where it is missing."""
        while (error := self._try((statement,))) is not None:
            role = missing_role(error.message)
            if role and role not in self.roles:
                self.roles.append(role)
                self._send(Query(f"create role {quote(role)} nologin"))
            elif self._may_fail(statement, error.sqlstate):
                self.statements -= 1
                if error.sqlstate not in _NO_LOSS:
                    self.left_out.append(LeftOut(statement, error.message))
                return
            else:
                raise self._failed(statement, error)

    def _failed(self, statement: Statement, error: ServerError) -> Refusal:
        self._send(Query("rollback"))
        position = int(error.field("STATEMENT_POSITION") or 1)
        return Refusal(
            f"The dump cannot be loaded: {error.message}.",
            where=place(self.text, statement.offset + position - 1, self.file),
            details=error.details,
            hint="Write a dump to a file and take this statement out of it: pg_dump --schema-only"
            " … > dump.sql, then ajour db base --from dump.sql",
        )

    def _may_fail(self, statement: Statement, sqlstate: str) -> bool:
        words = leading_words(statement.text, 2)
        if words[:1] == ("alter",) and "owner to" in statement.text.lower():
            return sqlstate in _NOT_THERE
        if self.optional is not None and statement.offset >= self.optional:
            return sqlstate in _NOT_THERE | _THERE_ALREADY
        return any(
            words[: len(begin)] == begin and sqlstate in states for begin, states in _MAY_FAIL
        )

    def _try(self, statements: tuple[Statement, ...]) -> ServerError | None:
        """Run statements in a transaction of their own inside the big one."""
        commands = commands_of(statements)
        error = self._send(Query("savepoint ajour"), *commands, Query("release ajour"))
        if error is not None:
            self._send(Query("rollback to ajour"), Query("release ajour"))
        return error

    def _send(self, *commands: Command) -> ServerError | None:
        """Send commands together; return the first error."""
        problem: ServerError | None = None
        for reply in stream(self.pgconn, iter((*commands, Sync()))):
            if isinstance(reply, Reply) and reply.result and problem is None:
                problem = ServerError(reply.result) if failed(reply.result) else None
        return problem


def missing_role(message: str) -> str | None:
    """Return the role that a server's message misses."""
    found = _NO_ROLE.search(message)
    return found[1] if found else None

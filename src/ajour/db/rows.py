"""One exchange with the server: a few statements in one round trip, answers as text."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ajour.db.wire import TICK, Command, Query, Reply, Sync, Tick, stream
from ajour.errors import ConnectionLost, Refusal

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

Row = tuple[str | None, ...]

FATAL_ERROR = 7
PIPELINE_ABORTED = 11
"""Of libpq's ExecStatusType: each answer is asked, too often to import the driver's names."""

BEGIN = "begin isolation level read committed read write"
"""Said in full: the server's default may be SERIALIZABLE, whose snapshot is older than the lock."""

LOOK = "begin isolation level read committed read only"
"""For looking only, which the server sees to: each query sees what is true by then."""


class ServerError(Refusal):
    """The server refused a statement of ours. `field(name)` reads the parts of its answer.

    Where it is about a migration's own statement, failure.py makes MigrationFailed of it.
    """

    def __init__(self, result: "PGresult") -> None:
        self.result = result
        self.sqlstate = self.field("SQLSTATE") or ""
        message = self.field("MESSAGE_PRIMARY") or result.get_error_message()
        hint = self.field("MESSAGE_HINT")
        super().__init__(message, hint=hint, details=(f"SQLSTATE {self.sqlstate}",))

    def field(self, name: str) -> str | None:
        """Return a part by its name in libpq without PG_DIAG_, such as MESSAGE_DETAIL."""
        from psycopg.pq import DiagnosticField

        value = self.result.error_field(DiagnosticField[name])
        return None if value is None else value.decode("utf-8", "replace")


def rows(result: "PGresult") -> list[Row]:
    """Return all rows of a result as text; None stands for NULL."""
    return [
        tuple(
            None if (value := result.get_value(row, column)) is None else value.decode()
            for column in range(result.nfields)
        )
        for row in range(result.ntuples)
    ]


def failed(result: "PGresult | None") -> bool:
    """Tell whether the server answered a command with an error."""
    return result is not None and result.status == FATAL_ERROR


def ask(
    pgconn: "PGconn",
    *queries: Query,
    limit: Query | None = None,
    patience: float | None = None,
    in_vain: Callable[[list[Row]], bool] = lambda _: False,
) -> list[list[Row] | ServerError]:
    """Run the queries, all in one round trip where none fails. They change nothing.

    `limit` is run before them, in their transaction. The answer to a query that failed is its
    error, as a value; those behind it are asked again, unless the first answer says by `in_vain`
    that they would fail as well. Raises ConnectionLost; also after `patience` seconds without an
    answer, and then the connection can only be closed.
    """
    answers: list[list[Row] | ServerError] = []
    while len(answers) < len(queries):
        # One Sync alone, see `stream`: whether a pooler is there is not known before the answer.
        left = queries[len(answers) :]
        before = (Query(LOOK), *((limit,) if limit else ()))
        commands: list[Command] = [*before, *left, Query("rollback"), Sync()]
        failure: tuple[Command, ServerError] | None = None
        for command, result in _answered(pgconn, commands, patience):
            if failed(result):
                failure = (command, ServerError(result))
            elif command in left and not _skipped(result):
                answers.append(rows(result))
        if failure is not None:
            _take_back(pgconn, failure[1])
            if failure[0] not in left:
                raise failure[1]
            answers.append(failure[1])
            if isinstance(answers[0], list) and in_vain(answers[0]):
                answers += [failure[1]] * (len(queries) - len(answers))
    return answers


def _answered(
    pgconn: "PGconn", commands: list[Command], patience: float | None = None
) -> Iterator[tuple[Command, "PGresult"]]:
    """Send the commands; yield each with its answer. Raises ConnectionLost as `ask`."""
    for reply in stream(pgconn, iter(commands), tick=patience or TICK):
        if patience and isinstance(reply, Tick):
            raise ConnectionLost(f"No answer within {patience:.0f} s.")
        if isinstance(reply, Reply) and reply.result is not None:
            yield reply.command, reply.result


def _skipped(result: "PGresult") -> bool:
    """Tell whether a command was not run, because one before it had failed."""
    return result.status == PIPELINE_ABORTED


def fetch(
    pgconn: "PGconn",
    sql: str,
    params: Sequence[str | None] = (),
    patience: float | None = None,
) -> list[Row]:
    """Run one query by itself, in one round trip. Raises ServerError; ConnectionLost as `ask`."""
    found: list[Row] = []
    error: ServerError | None = None
    for command, result in _answered(pgconn, [Query(sql, tuple(params)), Sync()], patience):
        if not isinstance(command, Query):
            continue
        if failed(result):
            error = ServerError(result)
        else:
            found = rows(result)
    if error is not None:
        raise error
    return found


def transact(pgconn: "PGconn", *queries: Query, begin: str = BEGIN) -> list[list[Row]]:
    """Run the queries in one transaction, in one round trip. Raises ServerError."""
    commands: list[Command] = [Query(begin), *queries, Query("commit"), Sync()]
    answers, error = [], None
    for _, result in _answered(pgconn, commands):
        if failed(result) and error is None:
            error = ServerError(result)
        answers.append(rows(result))
    if error is not None:
        _take_back(pgconn, error)
        raise error
    return answers[1:-2]


def _take_back(pgconn: "PGconn", error: ServerError) -> None:
    """Roll back after an error. Raises ConnectionLost when that was the server's last word."""
    undo(pgconn, "rollback")
    if pgconn.status != 0:
        raise ConnectionLost("The server ended the connection.", details=(error.message,))


def undo(pgconn: "PGconn", sql: str) -> None:
    """Run what takes something back; where the connection has gone, the server does that itself."""
    from psycopg.errors import OperationalError

    with suppress(OperationalError):
        pgconn.exec_(sql.encode())

"""Writes changes to the history that a person asked for: all of them or none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ajour.db import lock
from ajour.db.history import entering
from ajour.db.rows import ServerError, transact
from ajour.db.statements import Statements
from ajour.db.wire import Query
from ajour.errors import HistoryRefused, Refusal
from ajour.model import Relation, Repair

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

UNIQUE_VIOLATION = "23505"


@contextmanager
def by_hand(pgconn: "PGconn", table: Relation, what: str) -> Iterator[None]:
    """Say what another process has to do with it when nothing could be `what` (a participle)."""
    try:
        yield
    except ServerError as error:
        if "ajour:locked" in error.message:
            raise Refusal(
                "Another process has the lock.",
                details=(lock.holder(pgconn, Statements(table)),),
                hint="Run ajour again when it has ended.",
            ) from None
        if "ajour:history-changed" in error.message or error.sqlstate == UNIQUE_VIOLATION:
            raise HistoryRefused(
                f"The history was changed by another process meanwhile; nothing was {what}.",
                hint="Look at `ajour status`, then decide again.",
            ) from None
        raise


def repair(
    pgconn: "PGconn",
    table: Relation,
    repairs: tuple[Repair, ...],
    beside: Iterable[Query] = (),
) -> None:
    """Change the history, in one transaction and under the lock. The table must be there.

    `beside` is what else goes into that transaction.

    Raises ServerError: "ajour:locked" when another process has the lock, "ajour:history-changed"
    when a row is not the one that the repair was decided on.
    """
    sql = Statements(table)
    transact(pgconn, entering(sql), *(_query(sql, each) for each in repairs), *beside)


def _query(sql: Statements, each: Repair) -> Query:
    statement = sql[f"repair_{each.kind.replace('-', '_')}"]
    if each.kind == "forget" or each.file is None:
        return Query(statement, (each.name,))
    if each.kind == "rename":
        return Query(statement, (each.name, each.file.name))
    return Query(statement, (each.name, each.file.checksum, each.file.text))

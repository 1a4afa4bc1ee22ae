"""Writes changes to the history that a person asked for: all of them or none."""

from typing import TYPE_CHECKING

from ajour.db.history import entering
from ajour.db.rows import transact
from ajour.db.statements import Statements
from ajour.db.wire import Query
from ajour.model import Relation, Repair

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


def repair(pgconn: "PGconn", table: Relation, repairs: tuple[Repair, ...]) -> None:
    """Change the history, in one transaction and under the lock. The table must be there.

    Raises ServerError: "ajour:locked" when another process has the lock, "ajour:history-changed"
    when a row is not the one that the repair was decided on.
    """
    sql = Statements(table)
    transact(pgconn, entering(sql), *(_query(sql, each) for each in repairs))


def _query(sql: Statements, each: Repair) -> Query:
    statement = sql[f"repair_{each.kind.replace('-', '_')}"]
    if each.kind == "forget" or each.file is None:
        return Query(statement, (each.name,))
    if each.kind == "rename":
        return Query(statement, (each.name, each.file.name))
    return Query(statement, (each.name, each.file.checksum, each.file.text))

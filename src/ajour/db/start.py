"""Reads what a copy of a database begins with beside its schema, and puts it into the copy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.db.history import State
from ajour.db.rows import ServerError, ask, fetch, transact
from ajour.db.statements import Statements, ours
from ajour.db.wire import Query
from ajour.model import Relation

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of the two tables of the history, each as a JSON array."""

    history: str
    progress: str
    count: int


def history_rows(pgconn: "PGconn", table: Relation, state: State) -> Rows | None:
    """Return the rows of the history; None where there is none."""
    if not state.history.exists:
        return None
    sql = Statements(table)
    history, count = fetch(pgconn, sql["start_history"])[0]
    progress = fetch(pgconn, sql["start_progress"])[0][0] if state.complete else None
    return Rows(history or "[]", progress or "[]", int(count or 0))


def take_rows(pgconn: "PGconn", table: Relation, rows: Rows, state: State) -> None:
    """Put the rows into the same tables of the copy, which has them from the schema."""
    sql = Statements(table)
    queries = [Query(sql["start_take_history"], (rows.history,))]
    if state.complete:
        queries.append(Query(sql["start_take_progress"], (rows.progress,)))
    transact(pgconn, *queries)


def on_platform_tables(pgconn: "PGconn", schemas: Iterable[str]) -> tuple[str, ...]:
    """Return the statements that make the project's triggers and policies on tables of `schemas`.

    Their names are whole, whatever the search path.
    """
    listed = (",".join(sorted(schemas)),)
    answers = ask(
        pgconn,
        Query(ours("start_triggers"), listed),
        Query(ours("start_policies"), listed),
        limit=Query(ours("start_empty_path")),
    )
    for answer in answers:
        if isinstance(answer, ServerError):
            raise answer
    return tuple(
        str(row[0]) for answer in answers if not isinstance(answer, ServerError) for row in answer
    )

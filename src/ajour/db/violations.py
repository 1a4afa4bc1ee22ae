"""Asks whether the rows that are there let statements pass. Read-only, and never for long."""

from typing import TYPE_CHECKING

from ajour.db.rows import ServerError, ask
from ajour.db.wire import Query
from ajour.outlook import KEY, OTHER, Answer, Facts, Question
from ajour.sql.names import quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_LIMITS = (
    "select set_config('statement_timeout', $1, true), set_config('lock_timeout', '1s', true),"
    " set_config('row_security', 'off', true)"
)
"""With row_security off the server refuses to answer from a part of the rows."""

_WHY = {
    "57014": "it took too long: give it more time with --check-timeout",
    "55P03": "the table is locked by another session",
    "42501": "this role may not read all its rows",
    "42P01": "what it is about is not there yet",
    "42703": "what it is about is not there yet",
}


def answer(
    pgconn: "PGconn", question: Question, facts: Facts | None, other: Facts | None, timeout: int
) -> Answer:
    """Ask one question, in a transaction of its own. Changes nothing.

    `facts` and `other` are about its relation and about the one that it points to; `timeout` is in
    milliseconds. What the server cannot tell is no error.
    """
    if facts is None:
        return Answer(unknown="what it is about is not there yet")
    key = [f"ours.{quote(each)}" for each in facts.key] or ["ours.ctid"]
    sql = question.sql.replace(KEY, f"concat_ws(', ', {', '.join(key)})")
    if quote(OTHER) in sql:
        if other is None or len(other.key) != 1:
            return Answer(unknown="what it points to is not there yet")
        sql = sql.replace(quote(OTHER), quote(other.key[0]))
    (found,) = ask(pgconn, Query(sql), limit=Query(_LIMITS, (f"{timeout}ms",)))
    if not isinstance(found, ServerError):
        number, example = found[0]
        return Answer(int(number or 0), None if question.attempt else example)
    if question.attempt and found.sqlstate.startswith(("22", "23")):
        return Answer(1, found.message)
    return Answer(unknown=_WHY.get(found.sqlstate, found.message))

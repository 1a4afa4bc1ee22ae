"""Looks on while a statement runs: which one, whom it waits for, how far the server says it is."""

from typing import NamedTuple

from ajour.db.rows import Row, ServerError, ask
from ajour.db.session import Session
from ajour.db.statements import ours
from ajour.db.wire import Query
from ajour.errors import ConnectionLost

PATIENCE = 2.0
"""Seconds to wait for an answer: the run itself waits meanwhile."""


class Seen(NamedTuple):
    """What a server process is at."""

    query: str
    """The beginning of the statement's text."""
    seconds: float
    """How long the statement has run."""
    waits_for: str | None
    """Who blocks it."""
    progress: str | None


def watch(session: Session, pid: int, *, detail: bool) -> Seen | None:
    """Return what the server process `pid` is at; None when that cannot be seen.

    Without `detail` the queries of those who block it are hidden.
    """
    onlooker = session.onlooker
    if onlooker is None:
        return None
    queries = (Query(ours(name), (str(pid),)) for name in ("activity", "blockers", "progress"))
    try:
        activity, blockers, progress = ask(onlooker, *queries, patience=PATIENCE)
    except ConnectionLost:  # a pooler may have no server connection left but the one that works
        session.look_away()
        return None
    if isinstance(activity, ServerError) or not activity:
        return None
    query, seconds = activity[0]
    waits = (
        []
        if isinstance(blockers, ServerError)
        else [describe(row if detail else (*row[:-1], None)) for row in blockers]
    )
    done = [] if isinstance(progress, ServerError) else [row[0] for row in progress]
    return Seen(query or "", float(seconds or 0), "; ".join(waits) or None, next(iter(done), None))


def describe(process: Row) -> str:
    """Return a row of pid, user, application, state, seconds and query as one line."""
    pid, user, application, state, seconds, query = process
    return (
        f"pid {pid}, user {user or 'unknown'}, application “{application or 'unnamed'}”, "
        f"{state or 'active'} for {seconds or 0} s: {' '.join((query or 'hidden').split())}"
    )

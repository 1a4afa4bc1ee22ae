"""Looks on while a statement runs: whom it waits for, and how far the server says it is."""

from ajour.db.rows import Row, ServerError, ask
from ajour.db.session import Session
from ajour.db.statements import ours
from ajour.db.wire import Query


def watch(session: Session, pid: int) -> str | None:
    """Return what the server process `pid` waits for or how far it is; None if nothing is known."""
    onlooker = session.onlooker
    if onlooker is None:
        return None
    from psycopg import OperationalError

    try:
        blockers, progress = ask(
            onlooker, *(Query(ours(name), (str(pid),)) for name in ("blockers", "progress"))
        )
    except OperationalError:  # the onlooker's line broke: the one that works may be well
        return None
    if not isinstance(blockers, ServerError) and blockers:
        return "it waits for " + "; ".join(map(describe, blockers))
    if not isinstance(progress, ServerError) and progress:
        return progress[0][0]
    return None


def describe(process: Row) -> str:
    """Return a row of pid, user, application, state, seconds and query as one line."""
    pid, user, application, state, seconds, query = process
    return (
        f"pid {pid}, user {user or 'unknown'}, application “{application or 'unnamed'}”, "
        f"{state or 'active'} for {seconds or 0} s: {' '.join((query or 'hidden').split())}"
    )

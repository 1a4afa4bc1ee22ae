"""Tells whether a pooler stands between us and the server, and whether it gives us a session."""

import re
from typing import TYPE_CHECKING, Literal

from ajour.db.rows import fetch
from ajour.db.session import Session

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

Mode = Literal["direct", "session", "transaction"]

SUPABASE = re.compile(r".*\.pooler\.supabase\.com", re.IGNORECASE)
TRANSACTION_PORT = 6543
"""Of Supabase, for Supavisor and for PgBouncer."""

ROUNDS = 3


def is_direct(pgconn: "PGconn", backend_pid: int) -> bool:
    """Tell whether no pooler is there: it shows another process id than the server itself gives."""
    return pgconn.backend_pid == backend_pid


def mode(session: Session, backend_pid: int) -> Mode:
    """Return how we are connected. `backend_pid` is what the server said of itself.

    In doubt a pooler is taken for one that lends its connections for a transaction only: what works
    there works everywhere.
    """
    if is_direct(session.pgconn, backend_pid):
        return "direct"
    target = session.target
    if target.port == TRANSACTION_PORT:
        return "transaction"
    if SUPABASE.fullmatch(target.host):
        return "session"
    return "session" if _is_ours(session, backend_pid) else "transaction"


def _is_ours(session: Session, backend_pid: int) -> bool:
    """Tell whether the server process stays with us while others come and we do nothing.

    A pooler of transactions gives the process that was used last to the next one who asks.
    """
    other = session.onlooker
    return other is not None and all(
        _pid(other) != backend_pid and _pid(session.pgconn) == backend_pid for _ in range(ROUNDS)
    )


def _pid(pgconn: "PGconn") -> int:
    return int(fetch(pgconn, "select pg_backend_pid()::text")[0][0] or 0)

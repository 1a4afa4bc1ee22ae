"""The advisory lock: one deployer at a time for one history table.

It is tried and polled, never waited for inside the server: a blocked advisory lock holds a
snapshot, and CREATE INDEX CONCURRENTLY of the lock's holder would wait for that: a deadlock.
"""

import hashlib
from typing import TYPE_CHECKING

from ajour.db.rows import fetch
from ajour.db.statements import Statements
from ajour.db.watch import describe
from ajour.model import Relation

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


def key(table: Relation) -> str:
    """Return the lock's 64-bit key as text. PostgreSQL keeps such locks apart by database."""
    digest = hashlib.sha256(f"ajour:{table}".encode()).digest()
    return str(int.from_bytes(digest[:8], "big", signed=True))


def is_free(pgconn: "PGconn", sql: Statements) -> bool:
    """Tell whether the lock could be had at this moment."""
    return fetch(pgconn, sql["lock_is_free"], [key(sql.table)])[0][0] == "true"


def take_session(pgconn: "PGconn", sql: Statements) -> bool:
    """Try to take the lock for the session; for steps that run outside a transaction."""
    return fetch(pgconn, sql["session_lock"], [key(sql.table)])[0][0] == "true"


def give_session(pgconn: "PGconn", sql: Statements) -> None:
    """Give the session's lock back."""
    fetch(pgconn, sql["session_unlock"], [key(sql.table)])


def holder(pgconn: "PGconn", sql: Statements) -> str:
    """Describe who holds the lock: process, user, application, since when, doing what."""
    found = fetch(pgconn, sql["holder"], [key(sql.table)])
    if not found:
        return "another session, which has just ended or is hidden from this role"
    return describe(found[0])

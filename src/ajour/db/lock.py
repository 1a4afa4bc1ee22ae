"""The advisory lock: one deployer at a time for one history table.

It is tried and polled, never waited for inside the server: a blocked advisory lock holds a
snapshot, and CREATE INDEX CONCURRENTLY of the lock's holder would wait for that: a deadlock.
"""

import hashlib
import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from ajour.db.rows import fetch
from ajour.db.statements import Statements, ours
from ajour.db.watch import describe
from ajour.errors import Refusal
from ajour.events import Waiting
from ajour.model import Relation

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

SAY_EVERY = 2.0
"""Seconds between two events about one wait."""

UNLOCK = "select pg_catalog.pg_advisory_unlock_all()"
"""What gives back the locks of a session; that of a transaction goes with it."""

_BETWEEN = 0.02
"""Seconds in which whoever is at work has begun with the next migration."""


@cache
def key(table: Relation) -> str:
    """Return the lock's 64-bit key as text. PostgreSQL keeps such locks apart by database."""
    digest = hashlib.sha256(f"ajour:{table}".encode()).digest()
    return str(int.from_bytes(digest[:8], "big", signed=True))


def take_session(pgconn: "PGconn", sql: Statements) -> bool:
    """Try to take the lock for the session; DISCARD ALL gives it back, and UNLOCK."""
    return fetch(pgconn, sql["session_lock"], [key(sql.table)])[0][0] == "true"


def wait_until_free(pgconn: "PGconn", sql: Statements, patience: float) -> Iterator[Waiting]:
    """Poll until the lock is free; raise Refusal after `patience` seconds of one transaction.

    Through a pooler it is free for a moment after each migration: so it has to be twice in a row.
    """
    from random import uniform  # only where somebody waits

    began = since = time.monotonic()
    said = began - SAY_EVERY / 2  # a short wait is not worth a word
    free, seen = 0, None
    while free < 2:
        held = fetch(pgconn, sql["lock_held"], [key(sql.table)])[0][0]
        if held is None:
            free += 1
            time.sleep(_BETWEEN)
            continue
        free, now = 0, time.monotonic()
        if held != seen:  # another file: whoever has it gets on
            seen, since = held, now
        if now - since > patience:
            raise Refusal(
                f"Another process has held the lock for the {patience:.0f} s of --wait.",
                details=(holder(pgconn, sql),),
                hint="Run ajour again when it has ended.",
            )
        if now - said > SAY_EVERY:
            said = now
            yield Waiting(f"the lock is held by {holder(pgconn, sql)}", now - began)
        time.sleep(uniform(0.02, 0.1))  # noqa: S311 - jitter, not a secret


def holder(pgconn: "PGconn", sql: Statements) -> str:
    """Describe who holds the lock: process, user, application, since when, doing what, how far."""
    found = fetch(pgconn, sql["holder"], [key(sql.table)])
    if not found:
        return "another session, which has just ended or is hidden from this role"
    progress = fetch(pgconn, ours("progress"), [found[0][0]])
    return describe(found[0]) + "".join(f" ({row[0]})" for row in progress[:1])

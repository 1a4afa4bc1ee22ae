"""After the connection was lost: come back, and wait until what was under way has ended.

The client sees the same error whether COMMIT took effect or not. So nothing is concluded from the
error: the old transaction is waited for, and then the history is the truth.
"""

import time
from collections.abc import Callable, Generator
from typing import TypeVar

from ajour.db.flight import Flight
from ajour.db.history import Backend
from ajour.db.rows import ServerError, ask
from ajour.db.session import Session
from ajour.db.statements import ours
from ajour.db.wire import Query
from ajour.errors import ConnectionFailed, ConnectionLost
from ajour.events import Waiting

POLL = 0.2
SAY_EVERY = 2.0

NOTICED = 5.0
"""Seconds in which a server that is there has noticed that its client is gone."""

Read = TypeVar("Read")


def come_back(
    session: Session, backend: Backend, flight: Flight, patience: float, read: Callable[[], Read]
) -> Generator[Waiting, None, Read]:
    """Connect again, and return what `read` gives once nothing of `flight` can take effect.

    `backend` is the process of the lost connection, with pid 0 behind a pooler, whose processes go
    on for others. Raises ConnectionFailed when that is not reached in `patience` seconds.
    """
    end = time.monotonic() + patience
    while True:
        session.close()
        try:
            yield from session.open(end - time.monotonic(), known_good=True)
            end = max(end, time.monotonic() + NOTICED)
            yield from _settle(session, backend, flight, end)
            return read()
        except ConnectionLost:  # the server accepts us and is not well yet
            if time.monotonic() > end:
                raise
        time.sleep(POLL)


def _settle(
    session: Session, backend: Backend, flight: Flight, end: float
) -> Generator[Waiting, None, None]:
    """Wait until the transaction has ended, and with it the process that worked on it."""
    pid = str(backend.pid or flight.pid)
    process = f"the server process {pid}" if pid != "0" else "a server process"
    began = said = time.monotonic()
    while not _settled(session, pid, backend.since, flight.xid):
        now = time.monotonic()
        if now > end:
            raise ConnectionFailed(f"It is back, and {process} still works on what was under way.")
        if now - said > SAY_EVERY:
            said = now
            yield Waiting(f"{process} has not ended yet", now - began)
        time.sleep(POLL)
    if backend.pid:
        ask(session.pgconn, Query(ours("end_process"), (pid, backend.since)))


def _settled(session: Session, pid: str, since: str, xid: str | None) -> bool:
    """Tell whether the transaction has ended: by its id where it is known, and by its process."""
    works, status = ask(
        session.pgconn,
        Query(ours("works"), (pid, since)),
        Query(ours("transaction_status"), (xid,)),
    )
    if not isinstance(status, ServerError) and status[0][0] == "in progress":
        return False
    return isinstance(works, ServerError) or works[0][0] == "false"

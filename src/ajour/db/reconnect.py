"""After the connection was lost: come back, and wait until what was under way has ended.

The client sees the same error whether COMMIT took effect or not. So nothing is concluded from the
error: the old transaction is waited for, and then the history is the truth.
"""

import time
from collections.abc import Iterator

from ajour.db.apply import Flight
from ajour.db.history import Backend
from ajour.db.rows import ServerError, ask
from ajour.db.session import Session
from ajour.db.statements import ours
from ajour.db.wire import Query
from ajour.errors import ConnectionFailed
from ajour.events import Waiting

POLL = 0.2
SAY_EVERY = 2.0


def come_back(
    session: Session, backend: Backend, flight: Flight, patience: float, *, direct: bool
) -> Iterator[Waiting]:
    """Connect again, and return when nothing of `flight` can take effect any more.

    `backend` is the process of the lost connection; `direct` if no pooler stood before it.
    Raises ConnectionFailed when that is not reached in `patience` seconds.
    """
    began = time.monotonic()
    session.close()
    yield from session.open(patience, known_good=True)
    since = backend.since if direct else ""  # a pooler's process goes on for others
    said = time.monotonic()
    while not _settled(session, flight, since):
        now = time.monotonic()
        if now - began > patience:
            raise ConnectionFailed(
                f"The server process {flight.pid} still works on what was under way.",
                hint="Run `ajour status` when it has ended.",
            )
        if now - said > SAY_EVERY:
            said = now
            yield Waiting(f"the server process {flight.pid} has not ended yet", now - began)
        time.sleep(POLL)


def _settled(session: Session, flight: Flight, since: str) -> bool:
    """Tell whether the transaction has ended: by its id where it is known, and by its process."""
    works, status = ask(
        session.pgconn,
        Query(ours("works"), (str(flight.pid), since)),
        Query(ours("transaction_status"), (flight.xid,)),
    )
    if not isinstance(status, ServerError) and status[0][0] == "in progress":
        return False
    return isinstance(works, ServerError) or works[0][0] == "false"

"""Sees to it that what was committed is on disk, where COMMIT did not wait for that.

Commits reach the disk in their order: what a crash of the server takes is the last ones, whole.
"""

import time
from typing import TYPE_CHECKING

from ajour.db.rows import ServerError, fetch
from ajour.db.statements import ours
from ajour.db.watch import PATIENCE
from ajour.errors import ConnectionLost

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

    from ajour.db.session import Session


def bring_to_disk(pgconn: "PGconn", patience: float | None = None) -> None:
    """Return when all that was committed by now is on disk.

    That is at once; where the role may not have it done, after the longest time that it takes by
    itself. Raises ConnectionLost; also after `patience` seconds without an answer.
    """
    try:
        fetch(pgconn, ours("to_disk"), patience=patience)
    except ServerError:
        ((seconds,),) = fetch(pgconn, ours("longest_delay"), patience=patience)
        time.sleep(float(seconds or 0))


def bring_to_disk_beside(session: "Session") -> bool:
    """Do the same while the session is at work; False where no second connection is to be had."""
    onlooker = session.onlooker
    if onlooker is None:
        return False
    try:
        bring_to_disk(onlooker, PATIENCE)
    except ConnectionLost:
        session.look_away()
        return False
    return True

"""A database that is reached: the connection that works, and a second one that looks on."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db.connect import cancel, connect, connected, connecting
from ajour.db.rows import undo
from ajour.errors import ConnectionFailed
from ajour.events import Waiting
from ajour.target import Target

if TYPE_CHECKING:
    from concurrent.futures import Future

    from psycopg.pq.abc import PGconn

    from ajour.tunnel import Tunnel

LONGEST_PAUSE = 5.0


@dataclass
class Session:
    """Connections to one target, opened when they are first needed. `close` ends them."""

    target: Target
    tunnel: "Tunnel | None" = None
    """What the connections go through, where there is one; it is opened and closed with them."""
    _begun: "Future[PGconn] | None" = None
    _working: "PGconn | None" = None
    _onlooking: "PGconn | None" = None
    _looks_on: bool = field(default=True)

    @property
    def pgconn(self) -> "PGconn":
        """The connection that works. Raises ConnectionFailed."""
        if self._working is None:
            begun, self._begun = self._begun, None
            self._working = connected(begun) if begun else self._connect("ajour")
        return self._working

    def begin(self) -> None:
        """Begin to connect; `pgconn` waits for it. Meanwhile the caller reads files."""
        if self.tunnel is None and self._working is None:
            self._begun = connecting(self.target)

    @property
    def onlooker(self) -> "PGconn | None":
        """A connection beside the one that works; None when there is none to be had."""
        if self._onlooking is None and self._looks_on:
            try:
                self._onlooking = self._connect("ajour onlooker")
            except ConnectionFailed:  # looking on is a courtesy: the work goes on without it
                self._looks_on = False
        return self._onlooking

    def open(self, patience: float, *, known_good: bool = False) -> Iterator[Waiting]:
        """Connect, trying again for `patience` seconds where time can help.

        That is a server that starts or has no connection left. With `known_good`, the address
        worked a moment ago: then a refused or silent one is tried again as well.
        Raises ConnectionFailed; never tries a password twice.
        """
        passing = ("soon", "maybe") if known_good else ("soon",)
        began, pause = time.monotonic(), 0.2
        while True:
            try:
                _ = self.pgconn
            except ConnectionFailed as failure:
                waited = time.monotonic() - began
                if waited > patience or failure.passes not in passing:
                    raise
                yield Waiting(failure.message, waited)
                time.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 1.6)
            else:
                return

    def undo(self, sql: str) -> None:
        """Run what takes something back on the working connection, if there still is one."""
        if self._working is not None:
            undo(self._working, sql)

    def look_away(self) -> None:
        """Do without the connection beside."""
        if self._onlooking is not None:
            self._onlooking.finish()
        self._onlooking, self._looks_on = None, False

    def cancel(self) -> None:
        """Ask the server to cancel what the working connection runs. May come too late."""
        if self._working is not None:
            cancel(self._working, seconds=5)

    def close(self) -> None:
        """Close what is open; it opens again when it is needed."""
        for connection in (self._working, self._onlooking):
            if connection is not None:
                connection.finish()
        self._begun = self._working = self._onlooking = None
        if self.tunnel is not None:
            self.tunnel.close()

    def _connect(self, application: str) -> "PGconn":
        if self.tunnel is None:
            return connect(self.target, application)
        target = self.tunnel.reach(self.target)
        try:
            return connect(target, application)
        except ConnectionFailed as failure:
            failure.details += self.tunnel.said()
            raise

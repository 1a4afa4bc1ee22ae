"""A database that is reached: the connection that works, and a second one that looks on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ajour.db.connect import connect
from ajour.errors import ConnectionFailed
from ajour.target import Target

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGconn


@dataclass
class Session:
    """Connections to one target, opened when they are first needed. `close` ends them."""

    target: Target
    _opened: "dict[str, Connection | None]" = field(default_factory=dict)

    @property
    def pgconn(self) -> "PGconn":
        """The connection that works. Raises ConnectionFailed."""
        found = self._opened.get("ajour")
        if found is None:
            found = self._opened["ajour"] = connect(self.target, "ajour")
        return found.pgconn

    @property
    def onlooker(self) -> "PGconn | None":
        """A connection beside the one that works; None when there is none to be had."""
        if "ajour onlooker" not in self._opened:
            try:
                opened = connect(self.target, "ajour onlooker")
            except ConnectionFailed:  # looking on is a courtesy: the work goes on without it
                opened = None
            self._opened["ajour onlooker"] = opened
        found = self._opened["ajour onlooker"]
        return None if found is None else found.pgconn

    def close(self) -> None:
        """Close what is open; it opens again when it is needed."""
        while self._opened:
            _, connection = self._opened.popitem()
            if connection is not None:
                connection.close()

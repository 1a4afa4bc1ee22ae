"""Stands between a client and the server, adds a distance, and counts what passes.

Each piece of data is handed on half a round trip after it came, however many are under way: the
line gets longer, not narrower. It runs as a process of its own, so that its processor time is
nobody's: `python proxy.py SERVER_PORT ROUND_TRIP_MS` prints its port; when its input ends, it
prints what it counted.
"""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType
from typing import Self

CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Counts:
    """What passed through."""

    trips: int
    """The longest chain of messages to the server of which each was sent after an answer to the
    one before had come."""
    sent: int
    """Bytes to the server."""
    received: int
    """Bytes from it."""


class Proxy:
    """A proxy for one measured run, used in a `with` statement."""

    def __init__(self, server_port: int, trip_ms: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(server_port), str(trip_ms)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def port(self) -> int:
        """Return where it listens. To be asked once."""
        return int(self._process.stdout.readline()) if self._process.stdout else 0

    def counts(self) -> Counts:
        """End it and return what it counted."""
        said, _ = self._process.communicate()
        return Counts(*map(int, said.split()))


@dataclass
class Tally:
    """Counts while data pass. What leaves a side may be due to all that has reached it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: int = 0
    received: int = 0
    at_client: int = 0
    """How many round trips lie behind what the client has seen."""
    at_server: int = 0
    """In which round trip the newest of what the server has seen was sent."""


@dataclass
class Line:
    """One direction of one connection."""

    source: socket.socket
    goal: socket.socket
    delay: float
    tally: Tally
    to_server: bool
    under_way: "SimpleQueue[tuple[float, int, bytes]]" = field(default_factory=SimpleQueue)
    """When it is due, in which round trip it was sent, and the data; no data at the end."""

    def start(self) -> None:
        """Begin to carry."""
        for work in (self._take, self._hand_on):
            threading.Thread(target=work, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):  # a client that was killed resets its connection
            while data := self.source.recv(CHUNK):
                self.under_way.put((time.monotonic() + self.delay, self._left(len(data)), data))
        self.under_way.put((time.monotonic() + self.delay, 0, b""))

    def _hand_on(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                due, trip, data = self.under_way.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    self.goal.shutdown(socket.SHUT_WR)
                    return
                self._arrived(trip)
                self.goal.sendall(data)

    def _left(self, size: int) -> int:
        with self.tally.lock:
            if self.to_server:
                self.tally.sent += size
                return self.tally.at_client + 1
            self.tally.received += size
            return self.tally.at_server

    def _arrived(self, trip: int) -> None:
        with self.tally.lock:
            if self.to_server:
                self.tally.at_server = max(self.tally.at_server, trip)
            else:
                self.tally.at_client = max(self.tally.at_client, trip)


def serve(listener: socket.socket, server_port: int, delay: float, tally: Tally) -> None:
    """Take connections for ever."""
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", server_port))
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Line(client, server, delay, tally, to_server=True).start()
        Line(server, client, delay, tally, to_server=False).start()


def main(server_port: str, trip_ms: str) -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bench, which ends us
    listener = socket.create_server(("127.0.0.1", 0))
    tally = Tally()
    words = (listener, int(server_port), float(trip_ms) / 2000, tally)
    threading.Thread(target=serve, args=words, daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
    print(tally.at_client, tally.sent, tally.received)


if __name__ == "__main__":
    main(*sys.argv[1:])

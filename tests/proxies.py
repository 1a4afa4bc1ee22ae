"""A line to the server that can be cut at a chosen message, shut for a while, or made slow.

It reads the messages of PostgreSQL's protocol as they pass, so that "before COMMIT" and "after
COMMIT, before its answer" are exact places and no matter of luck.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Kind = tuple[bytes, bytes]
"""A message: the letter of its type, and bytes that its body holds."""

COMMIT: Kind = (b"P", b"\0commit\0")
"""On its way to the server. Who is cut here has not committed."""

COMMITTED: Kind = (b"C", b"COMMIT\0")
"""On its way back. Who is cut here has committed and does not know it."""

_NEGOTIATIONS = {80877103, 80877104}
"""Asking for TLS or GSSAPI: answered with a single letter."""


class Messages:
    """Cuts one direction of a connection into messages."""

    def __init__(self, *, greeting: bool) -> None:
        self.greeting = greeting
        """Whether what comes next has no type yet: a client's first messages."""
        self.letters = 0
        """How many answers of a single letter come next."""
        self.rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are whole now."""
        self.rest += data
        while (size := self._size()) and len(self.rest) >= size:
            message, self.rest = self.rest[:size], self.rest[size:]
            yield message

    def _size(self) -> int:
        """Return the length of the message that comes next; 0 when that cannot be told yet."""
        if self.letters and self.rest:
            self.letters -= 1
            return 1
        start = 0 if self.greeting else 1
        if len(self.rest) < start + 4:
            return 0
        return start + int(struct.unpack_from("!i", self.rest, start)[0])


@dataclass
class Trap:
    """Cuts the line at the message `kind` when it passes for the `nth` time."""

    kind: Kind
    nth: int
    shut: bool
    """Whether nobody is let in afterwards."""
    half: bool
    """Whether the server does not hear of it."""

    def springs(self, message: bytes) -> bool:
        """Tell whether this is the message."""
        letter, text = self.kind
        self.nth -= message.startswith(letter) and text in message[5:]
        return self.nth <= 0


@dataclass
class Line:
    """The way to one server. `url` leads over it."""

    server: int
    """Its port."""
    port: int
    url: str
    door: socket.socket
    delay: float = 0.0
    """Seconds that each piece is on its way, in each direction."""
    cuts: int = 0
    mute: bool = False
    """Whether what the server answers is lost."""
    forgets: bool = False
    """Whether one end does not hear that the other has gone."""
    traps: list[Trap] = field(default_factory=list)
    clients: list[socket.socket] = field(default_factory=list)
    servers: list[socket.socket] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def cut_at(self, kind: Kind, nth: int = 1, *, shut: bool = False, half: bool = False) -> None:
        """Cut the line when such a message comes for the `nth` time from now; it is lost."""
        with self.guard:
            self.traps.append(Trap(kind, nth, shut, half))

    def cut(self, *, shut: bool = False, half: bool = False) -> None:
        """Cut all that is connected. `half`: only the client notices, as when a router forgets."""
        if shut:
            self.shut()
        with self.guard:
            self.cuts += 1
            self.forgets = half
            cut, self.clients = self.clients, []
            if not half:
                cut, self.servers = cut + self.servers, []
        for each in cut:
            with contextlib.suppress(OSError):  # its other end was faster
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def shut(self) -> None:
        """Let nobody in any more: connections are refused."""
        with contextlib.suppress(OSError):  # it was shut already
            self.door.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for clients
        self.door.close()

    def open(self) -> None:
        """Let clients in."""
        self.door = socket.create_server(("127.0.0.1", self.port))
        self.listen()

    def listen(self) -> None:
        """Begin to let clients in."""
        threading.Thread(target=self._serve, args=(self.door,), daemon=True).start()

    def _serve(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the door was shut
            while True:
                client, _ = door.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.server))
                except OSError:
                    client.close()
                    continue
                for each in (client, server):  # small pieces must not wait for each other
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.guard:
                    self.clients.append(client)
                    self.servers.append(server)
                asked, answered = Messages(greeting=True), Messages(greeting=False)
                ways = ((client, server, asked, answered), (server, client, answered, None))
                for way in ways:
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(
        self,
        source: socket.socket,
        target: socket.socket,
        messages: Messages,
        back: Messages | None,
    ) -> None:
        """Carry one direction until an end closes; `back` is the other one, for the client's."""
        with contextlib.suppress(OSError):
            while some := source.recv(1 << 16):
                time.sleep(self.delay)
                for message in messages.feed(some):
                    if trap := self._sprung(message):
                        self.cut(shut=trap.shut, half=trap.half)
                        return
                    if messages.greeting and back is not None:
                        asks = struct.unpack_from("!i", message, 4)[0] in _NEGOTIATIONS
                        back.letters += asks
                        messages.greeting = asks
                    if not (self.mute and back is None):
                        target.sendall(message)
        for each in () if self.forgets else (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _sprung(self, message: bytes) -> Trap | None:
        with self.guard:
            sprung = [trap for trap in self.traps if trap.springs(message)]
            self.traps = [trap for trap in self.traps if trap not in sprung]
        return sprung[0] if sprung else None


@contextlib.contextmanager
def proxy(url: str) -> Iterator[Line]:
    """Lay a line to the server of `url`."""
    there = urlsplit(url).port or 5432
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    line = Line(there, port, url.replace(f":{there}/", f":{port}/"), door)
    line.listen()
    try:
        yield line
    finally:
        line.cut(shut=True)

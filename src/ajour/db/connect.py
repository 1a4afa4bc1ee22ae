"""Opens connections: the only place that does, and the one that says why it could not.

libpq's own way to connect and wait would keep all of Python waiting, signals too. So every step is
waited for here, and a host's name is looked up here.
"""

import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from ajour.target import Target

if TYPE_CHECKING:
    from concurrent.futures import Future

    from psycopg.pq.abc import PGcancelConn, PGconn

_KEEPALIVE = {
    # A half-open line (a laptop that slept, a router that forgot) is noticed within a minute.
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "connect_timeout": "15",
}

_TURN = 0.1
"""Seconds. A signal that comes just as a wait begins is heard when that wait ends."""

_SHORTEST = 2
"""Seconds. Who gives an address less gets this much, as with libpq."""


def parameters(target: Target, application: str) -> dict[str, str]:
    """Return libpq's parameters for a connection. They hold the password: never print them."""
    return {**_KEEPALIVE, "application_name": application, **target.conninfo()}


def connect(target: Target, application: str = "ajour") -> "PGconn":
    """Return a connection; each address of the host is tried, for `connect_timeout` seconds.

    Raises ConnectionFailed with the cause in one sentence and the next thing to do.
    """
    from psycopg.errors import OperationalError

    given = parameters(target, application)
    said = []
    try:
        seconds = _seconds(given["connect_timeout"])
        for address in _addresses(target, given):
            try:
                return _dial({**given, "hostaddr": address}, seconds)
            except (OperationalError, TimeoutError) as error:
                said.append(str(error))
    except (OSError, ValueError) as error:
        said.append(str(error))
    from ajour.db.diagnose import diagnose  # only where it failed

    raise diagnose(target, "\n".join(said)) from None


def connecting(target: Target) -> "Future[PGconn]":
    """Begin to connect, while the caller does something else. The result is that of `connect`."""
    from concurrent.futures import Future
    from threading import Thread

    begun: Future[PGconn] = Future()

    def run() -> None:
        try:
            begun.set_result(connect(target))
        except BaseException as error:  # noqa: BLE001 -- it is raised where the result is asked for
            begun.set_exception(error)

    Thread(target=run, daemon=True).start()  # whoever stops does not wait for it
    return begun


def connected(begun: "Future[PGconn]") -> "PGconn":
    """Return the connection that was begun. Raises ConnectionFailed."""
    while True:
        with suppress(TimeoutError):
            return begun.result(_TURN)


def resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """Return the addresses of a host, each behind its family, in the system's order.

    Raises OSError where it has none.
    """
    name = host.encode() if host.isascii() else host  # a str needs a codec, whose import is dear
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OSError(f"failed to resolve host {host!r}: {error}") from None
    return [(family, str(place[0])) for family, *_, place in found]


def cancel(pgconn: "PGconn", seconds: float) -> None:
    """Ask the server to cancel what the connection runs. May come too late, or not get there."""
    from psycopg.errors import NotSupportedError, OperationalError

    with suppress(OperationalError, OSError):  # the line is gone: so is what ran on it, soon
        try:
            request = pgconn.cancel_conn()
        except NotSupportedError:  # libpq before 17
            pgconn.get_cancel().cancel()
        else:
            request.start()
            _complete(request.poll, request, seconds)


def _seconds(written: str) -> float:
    """Return how long an address may take. Raises ValueError."""
    try:
        seconds = int(written)
    except ValueError:
        raise ValueError(f"bad value for connect_timeout: {written!r}") from None
    return max(_SHORTEST, seconds) if seconds > 0 else float("inf")


def _addresses(target: Target, given: Mapping[str, str]) -> Iterator[str]:
    """Yield what `hostaddr` is to be for each address of the host. Raises OSError."""
    if given["hostaddr"] or target.socket:
        yield given["hostaddr"]
    else:
        found = resolve(target.host, target.port)
        yield from dict.fromkeys(address for _, address in found)


def _dial(given: Mapping[str, str], seconds: float) -> "PGconn":
    """Return a connection to one address. Raises OperationalError, TimeoutError."""
    from psycopg.errors import OperationalError
    from psycopg.pq import ConnStatus, PGconn

    pgconn = PGconn.connect_start(" ".join(map(_word, given.items())).encode())
    good = pgconn.status != ConnStatus.BAD
    if not good or not _complete(pgconn.connect_poll, pgconn, seconds):
        raise OperationalError(pgconn.get_error_message())
    return pgconn


def _word(parameter: tuple[str, str]) -> str:
    name, value = parameter
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _complete(step: Callable[[], int], line: "PGconn | PGcancelConn", seconds: float) -> bool:
    """Take step by step what libpq does on `line` without waiting; tell whether it succeeded.

    The socket may be another one for each step. Raises TimeoutError.
    """
    from psycopg.pq import PollingStatus

    deadline = time.monotonic() + seconds
    state: int = PollingStatus.WRITING
    while state in (PollingStatus.READING, PollingStatus.WRITING):
        poll = select.poll()
        poll.register(
            line.socket, select.POLLIN if state == PollingStatus.READING else select.POLLOUT
        )
        if poll.poll(_TURN * 1000):
            state = step()
        elif time.monotonic() > deadline:
            raise TimeoutError("connection timeout expired")
    return state == PollingStatus.OK

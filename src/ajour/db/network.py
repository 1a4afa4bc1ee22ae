"""The way to a server in single steps, without the driver: its addresses, its port, its TLS.

The driver goes the whole way at once and says one thing about it. Here each step shows by itself
how far one gets. Nothing is sent but the question for TLS, which asks for no password.
"""

import os
import socket
import ssl
import struct
import time
from dataclasses import dataclass

from ajour.db.connect import resolve
from ajour.db.diagnose import diagnose
from ajour.errors import ConnectionFailed
from ajour.target import Target

PATIENCE = 5.0
"""Seconds for each step."""

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection can go."""

    kind: str
    """"IPv4", "IPv6" or "socket"."""
    place: tuple[str, int] | str
    """Address and port, or the path of a Unix socket."""

    def __str__(self) -> str:
        return self.place if isinstance(self.place, str) else self.place[0]


@dataclass(frozen=True, slots=True)
class Tls:
    """An encrypted connection that was made for a moment. Whose it was is not verified here."""

    version: str
    cipher: str


def addresses(target: Target) -> tuple[Address, ...]:
    """Return the addresses of a target, in the order of the system.

    Raises ConnectionFailed when its name has none.
    """
    if target.local_port is not None:
        return (Address("IPv4", ("127.0.0.1", target.local_port)),)
    if target.socket:
        return (Address("socket", target.socket),)
    try:
        found = resolve(target.host, target.port)
    except OSError as error:
        raise _failure(target, str(error)) from None
    kinds = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
    known = [(kinds[family], place) for family, place in found if family in kinds]
    return tuple(Address(kind, (place, target.port)) for kind, place in known)


def knock(target: Target, address: Address) -> float:
    """Open a connection and close it; return the seconds it took. Raises ConnectionFailed."""
    began = time.monotonic()
    _open(target, address).close()
    return time.monotonic() - began


def greet(target: Target, address: Address) -> Tls | None:
    """Return the TLS that the server speaks, None where it speaks none or is not asked to.

    Raises ConnectionFailed when what listens there is not PostgreSQL, or says nothing.
    """
    if target.sslmode == "disable" or address.kind == "socket":
        return None
    with _open(target, address) as connection:
        direct = dict(target.options).get("sslnegotiation") == "direct"
        answer = b"S" if direct else _ask(target, connection)
        return _encrypted(target, connection) if answer == b"S" else None


def _failure(target: Target, said: str) -> ConnectionFailed:
    """Return the error that the driver's words would have led to; they are not its words."""
    failure = diagnose(target, said)
    failure.details = ()
    return failure


def _open(target: Target, address: Address) -> socket.socket:
    try:
        if isinstance(address.place, str):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(PATIENCE)
            abstract = address.place.startswith("@")
            connection.connect(f"\0{address.place[1:]}" if abstract else address.place)
            return connection
        return socket.create_connection(address.place, PATIENCE)
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else "timed out"
        where = f'on socket "{address}"' if address.kind == "socket" else f'at "{address}"'
        raise _failure(target, f"connection to server {where} failed: {said}") from None


def _ask(target: Target, connection: socket.socket) -> bytes:
    """Ask for TLS; return the one letter of the answer: S for yes, N for no, E for an error."""
    try:
        connection.sendall(_SSL_REQUEST)
        answer = connection.recv(1)
    except TimeoutError:
        raise _failure(target, "timeout expired: no answer to the question for TLS") from None
    except OSError as error:
        raise _failure(target, f"Connection reset: {error.strerror}") from None
    if not answer:
        raise _failure(target, "server closed the connection when it was asked for TLS")
    if answer not in b"SNE":
        letter = answer.decode("ascii", "backslashreplace")
        raise _failure(target, f"received invalid response to SSL negotiation: {letter}")
    return answer


def _encrypted(target: Target, connection: socket.socket) -> Tls | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the driver verifies; here only the version is wanted
    context.set_alpn_protocols(["postgresql"])
    name = None if target.socket else target.host
    try:
        with context.wrap_socket(connection, server_hostname=name) as encrypted:
            cipher = encrypted.cipher()
            return Tls(encrypted.version() or "TLS", cipher[0] if cipher else "unknown cipher")
    except OSError:  # the driver comes next, with its own settings, and has the last word
        return None

"""Asks whether a PostgreSQL on this machine answers. No driver: it only reads the first word."""

import socket
import struct
from typing import Literal

Answer = Literal["ready", "starting", "silent"]

PROTOCOL_3 = 3 << 16
STARTUP = b"user\0postgres\0database\0postgres\0\0"
CANNOT_CONNECT_NOW = b"C57P03\0"


def answer(port: int, timeout: float = 2.0) -> Answer:
    """Return what is heard from the server on a loopback port.

    ready: it would take a connection. starting: it starts, recovers or stops. silent: nobody is
    there, or it is not PostgreSQL. The greeting is broken off before a password is asked for,
    which the server does not log.
    """
    greeting = struct.pack("!ii", 8 + len(STARTUP), PROTOCOL_3) + STARTUP
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(greeting)
            said = connection.recv(1024)
    except OSError:
        return "silent"
    if said[:1] == b"R":
        return "ready"
    if said[:1] != b"E":
        return "silent"
    # Any other error is a server that stands: too many connections, for one.
    return "starting" if CANNOT_CONNECT_NOW in said else "ready"


def is_free(port: int) -> bool:
    """Return whether a server could listen on the loopback port now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""A way to a server that wants TLS, for programs built without it: the embedded wheel's pg_dump.

The near end is a port of the loopback address, without encryption; the far end is encrypted and
checked as the target's sslmode and certificates say, by the rules of libpq. Whoever else finds the
port still has to log in to the database.
"""

import asyncio
import contextlib
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ajour.errors import Refusal
from ajour.target import Target

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
CHUNK = 1 << 16
PATIENCE = 15.0
"""Seconds for the far end to answer."""

_PLUS = b"SCRAM-SHA-256-PLUS\0"
_SASL = struct.pack("!i", 10)
_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass
class Bridge:
    """An open one. `target` is how a program without TLS reaches the database through it."""

    target: Target
    problem: str | None = None
    """Why the far end could not be reached, or was not trusted."""


@contextlib.contextmanager
def bridge(target: Target) -> Iterator[Bridge]:
    """Open one for as long as the block runs. Raises Refusal where a certificate is missing."""
    context = _context(target)
    loop = asyncio.new_event_loop()
    opened = Bridge(target)
    link = _Link(target, context, opened)
    server = loop.run_until_complete(asyncio.start_server(link.serve, "127.0.0.1", 0))
    near = server.sockets[0].getsockname()[1]
    options = {**dict(target.options), "sslmode": "disable", "gssencmode": "disable"}
    options = {name: value for name, value in options.items() if name not in _ONLY_TLS}
    opened.target = replace(target, options=tuple(options.items()), local_port=near)
    thread = threading.Thread(target=loop.run_forever, name="ajour TLS bridge", daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


_ONLY_TLS = {
    *("sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslcertmode", "sslsni"),
    *("sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
}


async def _close(server: asyncio.Server) -> None:
    """Take no more connections, and end the ones that are open."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass
class _Link:
    """What every connection needs."""

    target: Target
    context: ssl.SSLContext
    opened: Bridge

    async def serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Connect one program with the server, until either of them ends it."""
        out = None
        try:
            far, out = await asyncio.wait_for(self._reach(), PATIENCE)
            forth = asyncio.ensure_future(_pump(near, out))
            with contextlib.suppress(asyncio.IncompleteReadError, OSError):
                await _answer_to_login(far, back)
                await _pump(far, back)
            forth.cancel()
        except asyncio.CancelledError:
            return  # the bridge is closed; asyncio would write a cancelled connection to stderr
        except TimeoutError:
            self.opened.problem = f"{self.target.place} does not answer"
        except (OSError, Refusal) as error:
            self.opened.problem = str(error)
        finally:
            if out is not None:
                out.transport.abort()  # TLS would wait for the other end's goodbye
            back.close()
            for writer in filter(None, (out, back)):
                with contextlib.suppress(OSError):
                    await writer.wait_closed()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the encrypted connection; in mode prefer, a bare one where there is no other."""
        target = self.target
        host, port = target.host, target.port
        if target.local_port is not None:
            host, port = "127.0.0.1", target.local_port
        reader, writer = await asyncio.open_connection(host, port)
        try:
            direct = dict(target.options).get("sslnegotiation") == "direct"
            answer = b"S" if direct else await _ask_for_tls(reader, writer)
            if answer == b"S":
                await writer.start_tls(self.context, server_hostname=target.host)
            elif target.sslmode not in ("allow", "prefer"):
                raise Refusal("the server does not support TLS")  # noqa: TRY301 - like what may fail above
        except BaseException:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            raise
        return reader, writer


async def _ask_for_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(SSL_REQUEST)
    await writer.drain()
    return await reader.readexactly(1)


async def _answer_to_login(far: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    """Pass the server's first words on, without the offer to bind the login to the TLS channel.

    The program sees none, and libpq gives up when it is offered that all the same.
    """
    kind = b"v"
    while kind == b"v":  # NegotiateProtocolVersion comes before the question
        kind, length = await far.readexactly(1), await far.readexactly(4)
        body = await far.readexactly(struct.unpack("!i", length)[0] - 4)
        if kind == b"R" and body.startswith(_SASL):
            body = body.replace(_PLUS, b"", 1)
        back.write(kind + struct.pack("!i", len(body) + 4) + body)
        await back.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(CHUNK):
            writer.write(some)
            await writer.drain()
    writer.close()


def _context(target: Target) -> ssl.SSLContext:
    """Return what libpq would check of the server, and show of us. Raises Refusal."""
    options, mode = dict(target.options), target.sslmode
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[options.get("ssl_min_protocol_version") or "TLSv1.2"]
    if "ssl_max_protocol_version" in options:
        context.maximum_version = _VERSIONS[options["ssl_max_protocol_version"]]
    if options.get("sslnegotiation") == "direct":
        context.set_alpn_protocols(["postgresql"])
    home = Path("~/.postgresql").expanduser()
    root = options.get("sslrootcert") or _there(home / "root.crt")
    checked = mode in ("verify-ca", "verify-full") or (mode == "require" and root)
    context.check_hostname = mode == "verify-full"
    context.verify_mode = ssl.CERT_REQUIRED if checked else ssl.CERT_NONE
    try:
        if checked:
            _trust(context, root, options.get("sslcrl"))
        certificate = options.get("sslcert") or _there(home / "postgresql.crt")
        if certificate and options.get("sslcertmode") != "disable":
            key = options.get("sslkey") or _there(home / "postgresql.key")
            context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:  # ssl.SSLError is one
        raise Refusal(
            f"A certificate for the connection cannot be read: {error}.",
            hint="Look at sslrootcert, sslcert and sslkey in the database URL.",
        ) from None
    return context


def _trust(context: ssl.SSLContext, root: str | None, revoked: str | None) -> None:
    if root is None:
        raise Refusal(
            "sslmode asks to check the server's certificate, and there is no CA to check it by.",
            hint="Name the CA's certificate: ?sslrootcert=ca.crt",
        )
    if root == "system":
        context.load_default_certs()
    else:
        context.load_verify_locations(root)
    if revoked:
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_CRL_CHECK_CHAIN


def _there(path: Path) -> str | None:
    return str(path) if path.is_file() else None

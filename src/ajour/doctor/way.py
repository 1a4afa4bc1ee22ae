"""The way to the server: where the URL came from, then each step until we are let in."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ajour.db import network
from ajour.db.pooler import mode
from ajour.db.rows import fetch
from ajour.db.session import Session
from ajour.errors import AjourError, ConnectionFailed
from ajour.model import Check, Pending
from ajour.report.words import place
from ajour.settings import Settings
from ajour.target import Target


def refused(name: str, error: AjourError) -> Check:
    """Return the check that an error was the answer to."""
    at = f"{place(error.where)}: " if error.where else ""
    return Check(name, "failed", f"{at}{error.message}", error.hint, error.details)


def configuration(settings: Settings, target: Target) -> Iterator[Check]:
    """Say where it goes and who said so, and what is unwise about where the password stands."""
    if settings.url is None:
        said = f"no database URL is set: {target}, the embedded PostgreSQL in .ajour/"
    else:
        said = f"{target}, from {settings.origins['url']}"
        if "password" in settings.origins:
            said += f"; its password from {settings.origins['password']}"
        elif target.password is None:
            said += "; without a password"
    yield Check("configuration", "ok", said)
    for finding in settings.findings:
        yield Check("configuration", "warning", finding.message, finding.help)
    ours = settings.origins.get("password", settings.origins["url"])
    if target.secrets and ours.endswith(" in .env") and is_tracked(settings.root / ".env"):
        yield Check(
            "configuration",
            "warning",
            "git tracks .env: whoever has the repository has the database password.",
            "git rm --cached .env, add .env to .gitignore, and set a new password.",
        )


def is_tracked(path: Path) -> bool:
    """Tell whether the index of git lists a file, without git: by its name and the name's length.

    An index that shortens names (version 4, rare) may hide it.
    """
    for folder in path.parents:
        git = folder / ".git"
        try:
            if git.is_file():  # of a work tree beside the repository
                git = folder / git.read_text("utf-8").removeprefix("gitdir:").strip()
            index = (git / "index").read_bytes()
        except (OSError, UnicodeDecodeError):
            if git.exists():
                return False
            continue
        name = path.relative_to(folder).as_posix().encode()
        return len(name).to_bytes(2, "big") + name + b"\0" in index
    return False


def to_the_server(session: Session) -> Iterator[Check]:
    """Go to the server step by step. The first check that failed is the last one."""
    target, name = session.target, "DNS"
    try:
        if session.tunnel is not None:
            name = "tunnel"
            target = session.tunnel.reach(target)
            yield Check("tunnel", "ok", f"through {session.tunnel.bastion}")
        found = network.addresses(target)
        if session.tunnel is None:
            yield dns(target, found)
        name = "TCP"
        address, check = _tcp(target, found)
        tls = network.greet(target, address)
        yield check
        yield from _login(session, target, tls)
    except ConnectionFailed as failure:
        if session.tunnel is not None and name == "TCP":
            failure.details += session.tunnel.said()
        yield refused(name, failure)


def dns(target: Target, found: tuple[network.Address, ...]) -> Check:
    """Say which addresses the host has."""
    kinds = {address.kind for address in found}
    if kinds == {"socket"}:
        return Check("DNS", "ok", "not needed: a socket of this machine")
    if target.host in map(str, found):
        return Check("DNS", "ok", f"not needed: {target.host} is an address")
    said = f"{target.host} is {', '.join(f'{address} ({address.kind})' for address in found)}"
    if kinds == {"IPv6"}:
        return Check(
            "DNS",
            "warning",
            f"{said}: there is no IPv4 address.",
            "Many networks, GitHub Actions and Vercel among them, have no IPv6: on Supabase take"
            " the session pooler for those.",
        )
    return Check("DNS", "ok", said)


def _tcp(target: Target, found: tuple[network.Address, ...]) -> tuple[network.Address, Check]:
    """Return the first address that answers, and what became of those before it."""
    failures: list[str] = []
    last: ConnectionFailed | None = None
    for address in found:
        try:
            seconds = network.knock(target, address)
        except ConnectionFailed as failure:
            last = failure
            failures.append(f"{address}: {failure.message}")
            continue
        port = "" if address.kind == "socket" else f", port {target.local_port or target.port}"
        said = f"{address}{port} answers in {seconds * 1000:.0f} ms"
        if not failures:
            return address, Check("TCP", "ok", said)
        hint = "Each connection may lose time on the others: mend or remove them in the DNS."
        return address, Check("TCP", "warning", said, hint, tuple(failures))
    assert last is not None, "a name without an address was refused before"
    raise last


def _login(session: Session, target: Target, tls: network.Tls | None) -> Iterator[Check]:
    """Log in as a migration does. What fails at the certificate is told of TLS."""
    failure: ConnectionFailed | None = None
    try:
        user = fetch(session.pgconn, "select current_user")[0][0]
    except ConnectionFailed as error:
        failure = error
        if failure.about_tls:
            yield refused("TLS", failure)
            return
    yield encryption(target, tls)
    if failure is not None:
        yield refused("authentication", failure)
    else:
        yield Check("authentication", "ok", f"the server lets us in as {user}")


def encryption(target: Target, tls: network.Tls | None) -> Check:
    """Say what keeps the connection from others, once it stands."""
    where = "at the bastion itself" if target.local_port else "on this machine"
    if target.socket:
        return Check("TLS", "ok", "none: a Unix socket leaves no machine")
    if tls is None and target.is_local:
        return Check("TLS", "ok", f"none: the server is {where}")
    shown = f"{tls.version}, {tls.cipher}" if tls else "encrypted"
    ca = dict(target.options).get("sslrootcert", "the CA in ~/.postgresql/root.crt")
    if target.sslmode == "verify-full":
        return Check("TLS", "ok", f"{shown}; certificate and host name verified by {ca}")
    if target.sslmode == "verify-ca":
        return Check("TLS", "ok", f"{shown}; certificate verified by {ca}, not the host name")
    if target.is_local:
        return Check("TLS", "ok", f"{shown}; the certificate is not verified {where}")
    return Check(
        "TLS",
        "warning",
        f"{shown}. The certificate is not verified: who sits on the way could pose as the server.",
        "Name the CA's certificate: ?sslrootcert=/path/to/ca.crt in the URL (Supabase: Project"
        " settings → Database → SSL configuration).",
    )


def pooler(session: Session, pending: Iterable[Pending]) -> Check:
    """Say what stands between us and the server, and what it will not do."""
    pid = int(fetch(session.pgconn, "select pg_backend_pid()::text")[0][0] or 0)
    match mode(session, pid):
        case "direct":
            return Check("pooler", "ok", "none: we talk to the server itself")
        case "session":
            return Check("pooler", "ok", "one that gives each client a session: all works")
    needing = [item.migration.name for item in pending if item.script.in_steps]
    said = "one that lends a connection for a transaction only (transaction mode)"
    if needing:
        return Check(
            "pooler",
            "failed",
            f"{said}: {needing[0]} needs a session of its own.",
            "Use the session pooler or the direct connection: port 5432, not 6543.",
        )
    return Check(
        "pooler",
        "warning",
        f"{said}. Files in several steps are refused here.",
        "Use the session pooler or the direct connection: port 5432, not 6543.",
    )

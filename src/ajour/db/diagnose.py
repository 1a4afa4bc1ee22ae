"""Why a connection failed, from the driver's words: one sentence, and the next thing to do."""

import re
from typing import Literal

from ajour.errors import ConnectionFailed
from ajour.redact import redact
from ajour.target import Target

Passes = Literal["soon", "maybe", "never"]

_SUPABASE_DIRECT = re.compile(r"db\.[a-z0-9]+\.supabase\.(?:co|com)")
_SUPABASE_POOLER = re.compile(r".*\.pooler\.supabase\.com")

_UNREACHED = re.compile(
    r"unreachable|No route|Cannot assign|failed to resolve|not translate|not known"
)
_SESSION_POOLER = (
    "Use the session pooler: aws-N-<region>.pooler.supabase.com, port 5432, user postgres.<project"
    " ref> (dashboard: Connect → Session pooler)."
)

_CAUSES: tuple[tuple[str, Passes, str, str], ...] = (
    (
        r"password authentication failed|SASL authentication failed|no password supplied",
        "never",
        "The server at {at} does not accept the password of user {user}.",
        (
            "Check the password in the URL (special characters are percent-encoded: @ is %40), or "
            "reset it in the dashboard; ajour does not try again, so as not to be banned."
        ),
    ),
    (
        r"Tenant or user not found",
        "never",
        "The pooler at {at} does not know the user {user}.",
        "A pooler's user is postgres.<project ref>, and its host names the project's region.",
    ),
    (
        r'role "[^"]*" does not exist',
        "never",
        "There is no role {user} on the server at {at}.",
        "Check the user in the URL; through a Supabase pooler it is postgres.<project ref>.",
    ),
    (
        r'database "[^"]*" does not exist',
        "never",
        "There is no database {dbname} on the server at {at}.",
        "Check the name at the end of the URL; on Supabase it is postgres.",
    ),
    (
        r"no pg_hba\.conf entry.*no encryption|SSL connection is required|server requires SSL",
        "never",
        "The server at {at} wants TLS.",
        "Add ?sslmode=require to the URL.",
    ),
    (
        r"no pg_hba\.conf entry",
        "never",
        "The server at {at} does not let user {user} in from this machine.",
        "Allow this address on the server (pg_hba.conf, network restrictions), or use the VPN.",
    ),
    (
        r"server does not support SSL",
        "never",
        "The server at {at} does not speak TLS, and ajour sends no password without it.",
        "Reach it through a tunnel that ends on this machine, or switch TLS on at the server.",
    ),
    (
        r"root certificate file|certificate verify failed|certificate.*does not match",
        "never",
        "The certificate of the server at {at} cannot be verified.",
        (
            "Give its CA with ?sslrootcert=/path/to/ca.crt (Supabase: Project settings → Database →"
            " SSL configuration)."
        ),
    ),
    (
        r"failed to resolve host|could not translate host name|Name or service not known",
        "maybe",
        "The host {host} has no address here.",
        "Check its spelling, the VPN and the DNS of this machine.",
    ),
    (
        r"Network is unreachable|No route to host|Cannot assign requested address",
        "maybe",
        "There is no way from this machine to {at}.",
        (
            "Check the VPN or the tunnel; if the host has only an IPv6 address, this network needs "
            "IPv6."
        ),
    ),
    (
        r"Connection refused",
        "maybe",
        "Nothing listens at {at}.",
        "Start the server or the tunnel (for an SSH tunnel, its local port), and check the port.",
    ),
    (
        r"timeout expired|timed out",
        "maybe",
        "{at} does not answer.",
        (
            "A firewall or a missing VPN swallows the packets; a paused Supabase project is woken "
            "in the dashboard."
        ),
    ),
    (
        r"too many clients|remaining connection slots|EMAXCONN|[Mm]ax client connections",
        "soon",
        "The server at {at} has no connection left.",
        "Close idle clients, or try again in a minute.",
    ),
    (
        r"the database system is (?:starting up|shutting down|in recovery)",
        "soon",
        "The server at {at} is starting or stopping.",
        "Try again in a moment.",
    ),
    (
        r"server closed the connection unexpectedly|Connection reset",
        "maybe",
        "{at} closed the connection before it was made.",
        "Check that PostgreSQL listens there: host and port belong together.",
    ),
)


def diagnose(target: Target, said: str) -> ConnectionFailed:
    """Return the error for a connection that failed with the driver's words `said`.

    They come along as a detail, redacted.
    """
    passes, message, hint = _cause(target, said)
    details = (f"the driver says: {' '.join(redact(said, target.secrets).split())}",)
    failure = ConnectionFailed(message, hint=hint, details=details)
    failure.passes = passes
    return failure


def _cause(target: Target, said: str) -> tuple[Passes, str, str]:
    """Return whether it may pass, what is wrong, and what to do."""
    if _SUPABASE_DIRECT.fullmatch(target.host) and _UNREACHED.search(said):
        only = f"{target.host} has only an IPv6 address, and this network does not reach it."
        return "never", only, _SESSION_POOLER
    if _SUPABASE_POOLER.fullmatch(target.host) and "." not in target.user:
        unknown = f"The pooler does not know the user {target.user}: its project is missing."
        return "never", unknown, "Write the user as postgres.<project ref>."
    values = {
        "at": f"{target.host}:{target.port}",
        "host": target.host,
        "user": target.user,
        "dbname": target.dbname,
    }
    for pattern, passes, message, hint in _CAUSES:
        if re.search(pattern, said):
            return passes, message.format(**values), hint
    return "never", f"No connection to {target}.", "Check the URL, the VPN and the tunnel."

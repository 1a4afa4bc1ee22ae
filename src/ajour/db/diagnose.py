"""Why a connection failed, from the driver's words: one sentence, and the next thing to do."""

import re

from ajour.db.causes import CAUSES, REJECTED, TENANT, TLS, Cause
from ajour.errors import ConnectionFailed
from ajour.redact import redact
from ajour.target import Target

SUPABASE_DIRECT = re.compile(r"db\.[a-z0-9]+\.supabase\.(?:co|com)")
SUPABASE_POOLER = re.compile(r".*\.pooler\.supabase\.com")

SESSION_POOLER = (
    "Use the session pooler: aws-N-<region>.pooler.supabase.com, port 5432, user postgres.<project"
    " ref> (dashboard: Connect → Session pooler)."
)

_UNREACHED = re.compile(
    r"unreachable|No route|Cannot assign|failed to resolve|not translate|not known"
)
_UNKNOWN = Cause(
    "", "never", "No connection to {target}.", "Check the URL, the VPN and the tunnel."
)


def diagnose(target: Target, said: str) -> ConnectionFailed:
    """Return the error for a connection that failed with the driver's words `said`.

    They come along as a detail, redacted.
    """
    cause, groups = _cause(target, said)
    values = {
        "at": target.place,
        "target": str(target),
        "host": target.host,
        "user": target.user,
        "dbname": target.dbname,
    }
    words = redact(said, target.secrets)
    failure = ConnectionFailed(
        cause.message.format(*groups, **values),
        hint=cause.hint.format(*groups, **values),
        details=(f"the driver says: {' '.join(words.split())}",),
    )
    failure.passes = cause.passes
    failure.about_tls = cause in TLS or "certificate" in said
    return failure


def _cause(target: Target, said: str) -> tuple[Cause, tuple[str, ...]]:
    """Return what is wrong, and what the pattern's groups found."""
    special = _supabase(target, said) or _tunnelled(target, said)
    if special:
        return special, ()
    if target.sslmode not in ("disable", "allow"):
        # TLS was tried before: that it was done without in the end is not what is wrong.
        said = re.sub("no encryption|SSL off", "", said)
    for cause in CAUSES:
        found = re.search(cause.pattern, said)
        if found:
            more = _password_hint(target) if cause.pattern == REJECTED else ""
            groups = tuple(redact(group, target.secrets) for group in found.groups())
            return cause._replace(hint=more + cause.hint), groups
    return _UNKNOWN, ()


def _supabase(target: Target, said: str) -> Cause | None:
    """Return what is particular to an address of Supabase, or None."""
    unreached = _UNREACHED.search(said) and not re.search(REJECTED, said)
    if SUPABASE_DIRECT.fullmatch(target.host) and target.local_port is None and unreached:
        only = "{host} has only an IPv6 address, and this network does not reach it."
        return Cause("", "maybe", only, SESSION_POOLER)
    pooler = SUPABASE_POOLER.fullmatch(target.host)
    if pooler and "." not in target.user and re.search(TENANT, said):
        missing = "The pooler does not know the user {user}: its project is missing."
        return Cause("", "never", missing, "Write the user as postgres.<project ref>.")
    ours = "supabase.co" in target.host
    system = dict(target.options).get("sslrootcert") == "system"
    if ours and system and "certificate verify failed" in said:
        return Cause(
            "",
            "never",
            "Supabase signs its certificates itself, and the system's CAs do not know them.",
            "Download the CA (Project settings → Database → SSL configuration), and name the file"
            " instead of `system`: ?sslrootcert=/path/to/prod-ca.crt.",
        )
    return None


def _tunnelled(target: Target, said: str) -> Cause | None:
    """Return what is particular to a tunnel: what it leads to did not take the connection."""
    closed = re.search(r"closed the connection|Connection reset|unexpected eof", said)
    if target.local_port is not None and closed:
        return Cause(
            "",
            "maybe",
            "The tunnel stands, but its far end does not reach {at}.",
            "Check host and port of the database as the bastion sees them, and that the bastion"
            " may forward there (AllowTcpForwarding, PermitOpen).",
        )
    return None


def _password_hint(target: Target) -> str:
    """Return what percent signs may have to do with a password that is not accepted."""
    if target.decoded:
        return (
            "In the URL, % and two digits stand for one character: if the password has a % of its"
            " own, write it as %25. "
        )
    if "%" in (target.password or ""):
        return "The password is taken as it stands; only in a URL is it percent-encoded. "
    return "In a URL, its special characters are percent-encoded: @ is %40. "

"""Why a connection failed, from the driver's words: one sentence, and the next thing to do."""

import re

from ajour.redact import redact
from ajour.target import Target

_SUPABASE_DIRECT = re.compile(r"db\.[a-z0-9]+\.supabase\.(?:co|com)")
_SUPABASE_POOLER = re.compile(r".*\.pooler\.supabase\.com")

_SESSION_POOLER = (
    "use the session pooler: aws-N-<region>.pooler.supabase.com, port 5432, user postgres.<project"
    " ref> (dashboard: Connect → Session pooler)"
)

_CAUSES = (
    (
        r"password authentication failed|SASL authentication failed|no password supplied",
        "the server at {at} does not accept the password of user {user}",
        (
            "check the password in the URL (special characters are percent-encoded: @ is %40), or"
            " reset it in the dashboard; ajour does not try again, so as not to be banned"
        ),
    ),
    (
        r"Tenant or user not found",
        "the pooler at {at} does not know the user {user}",
        "a pooler's user is postgres.<project ref>, and its host names the project's region",
    ),
    (
        r"role \"[^\"]*\" does not exist",
        "there is no role {user} on the server at {at}",
        "check the user in the URL; through a Supabase pooler it is postgres.<project ref>",
    ),
    (
        r"database \"[^\"]*\" does not exist",
        "there is no database {dbname} on the server at {at}",
        "check the name at the end of the URL; on Supabase it is postgres",
    ),
    (
        r"no pg_hba\.conf entry.*no encryption|SSL connection is required|server requires SSL",
        "the server at {at} wants TLS",
        "add ?sslmode=require to the URL",
    ),
    (
        r"no pg_hba\.conf entry",
        "the server at {at} does not let user {user} in from this machine",
        "allow this address on the server (pg_hba.conf, network restrictions), or use the VPN",
    ),
    (
        r"server does not support SSL",
        "the server at {at} does not speak TLS, and ajour sends no password without it",
        "reach it through a tunnel that ends on this machine, or switch TLS on at the server",
    ),
    (
        r"root certificate file|certificate verify failed|certificate.*does not match",
        "the certificate of the server at {at} cannot be verified",
        (
            "give its CA with ?sslrootcert=/path/to/ca.crt (Supabase: Project settings → Database →"
            " SSL configuration)"
        ),
    ),
    (
        r"failed to resolve host|could not translate host name|Name or service not known",
        "the host {host} has no address here",
        "check its spelling, the VPN and the DNS of this machine",
    ),
    (
        r"Network is unreachable|No route to host|Cannot assign requested address",
        "there is no way from this machine to {at}",
        (
            "check the VPN or the tunnel; if the host has only an IPv6 address, this network needs"
            " IPv6"
        ),
    ),
    (
        r"Connection refused",
        "nothing listens at {at}",
        "start the server or the tunnel (for an SSH tunnel, its local port), and check the port",
    ),
    (
        r"timeout expired|timed out",
        "{at} does not answer",
        (
            "a firewall or a missing VPN swallows the packets; a paused Supabase project is woken"
            " in the dashboard"
        ),
    ),
    (
        r"too many clients|remaining connection slots|EMAXCONN|[Mm]ax client connections",
        "the server at {at} has no connection left",
        "close idle clients, or try again in a minute",
    ),
    (
        r"the database system is (?:starting up|shutting down|in recovery)",
        "the server at {at} is starting or stopping",
        "try again in a moment",
    ),
    (
        r"server closed the connection unexpectedly|Connection reset",
        "{at} closed the connection before it was made",
        "check that PostgreSQL listens there: host and port belong together",
    ),
)


def diagnose(target: Target, said: str) -> tuple[str, str, tuple[str, ...]]:
    """Return message, hint and details for a connection that failed with the words `said`.

    The driver's own words come along as a detail, redacted.
    """
    details = (f"the driver says: {' '.join(redact(said, target.secrets).split())}",)
    unreachable = re.search(
        r"unreachable|No route|Cannot assign|failed to resolve|not translate|not known", said
    )
    if unreachable and _SUPABASE_DIRECT.fullmatch(target.host):
        message = f"{target.host} has only an IPv6 address, and this network does not reach it"
        return message, _SESSION_POOLER, details
    if _SUPABASE_POOLER.fullmatch(target.host) and "." not in target.user:
        message = f"the pooler does not know the user {target.user}: its project is missing"
        return message, "write the user as postgres.<project ref>", details
    values = {
        "at": f"{target.host}:{target.port}",
        "host": target.host,
        "user": target.user,
        "dbname": target.dbname,
    }
    for pattern, message, hint in _CAUSES:
        if re.search(pattern, said):
            return message.format(**values), hint, details
    return f"no connection to {target}", "check the URL, the VPN and the tunnel", details

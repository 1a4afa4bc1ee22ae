"""What a driver says when it cannot connect, and what that means: a table, read by diagnose.py.

The first line whose pattern is found counts. So what a person must mend stands before what time
may cure: one text can hold several failures, one for each address and each way that was tried.
"""

from typing import Literal, NamedTuple

Passes = Literal["soon", "maybe", "never"]


class Cause(NamedTuple):
    """A failure. `message` and `hint` have places in braces: see diagnose.py."""

    pattern: str
    """A regular expression, looked for in the driver's words. Its groups fill {0}, {1}, …"""
    passes: Passes
    message: str
    hint: str


REJECTED = r"password authentication failed|SASL authentication failed"

TENANT = r"[Tt]enant or user not found|\((?:ENOTFOUND|ENOIDENTIFIER|EINVALIDUSERINFO)\)"
"""What Supavisor says of a user whose project it does not have: the word, or newer codes."""

_NOT_POSTGRESQL = (
    "Check the port: the API of a Supabase project is another thing than its database, which"
    " listens on 5432 or 6543."
)
_TLS_HINT = "Take sslmode out of the URL, or write sslmode=require."
_CA_HINT = (
    "Name the file with the CA's certificate: ?sslrootcert=/path/to/ca.crt (Supabase: Project"
    " settings → Database → SSL configuration)."
)

LOGIN = (
    Cause(
        REJECTED,
        "never",
        "The server at {at} does not accept the password of user {user}.",
        "Check the password, or set a new one; ajour does not try again, so as not to be banned.",
    ),
    Cause(
        r"no password supplied",
        "never",
        "The server at {at} wants a password for user {user}, and there is none.",
        "Write it into the URL, or set PGPASSWORD.",
    ),
    Cause(
        TENANT,
        "never",
        "The pooler at {at} does not know the user {user}.",
        "A pooler's user is postgres.<project ref>, and its host is the one of the project's"
        " region: copy both (dashboard: Connect → Session pooler).",
    ),
    Cause(
        r"ECIRCUITBREAKER|[Tt]oo many authentication (?:errors|failures)|EBANNED",
        "never",
        "The pooler at {at} lets nobody in for a while: too many logins have failed.",
        "Check the password of whatever else connects there, and wait some minutes.",
    ),
    Cause(
        r'role "[^"]*" does not exist|no such user',
        "never",
        "There is no role {user} on the server at {at}.",
        "Check the user in the URL; through a Supabase pooler it is postgres.<project ref>.",
    ),
    Cause(
        r'role "[^"]*" is not permitted to log in',
        "never",
        "The role {user} may not log in to the server at {at}.",
        "Take another role, or let its owner run: alter role … login.",
    ),
    Cause(
        r'database "[^"]*" does not exist|no such database',
        "never",
        "There is no database {dbname} on the server at {at}.",
        "Check the name at the end of the URL; on Supabase it is postgres.",
    ),
    Cause(
        r'permission denied for database|database "[^"]*" is not currently accepting',
        "never",
        "The database {dbname} on the server at {at} does not take the role {user}.",
        "Let the database's owner grant connect on it, or check the name at the end of the URL.",
    ),
    Cause(
        r"EAUTHQUERY|EAUTHSECRETS|authentication query failed",
        "maybe",
        "The pooler at {at} cannot ask its database about the user {user}.",
        "Check that the database itself runs; a paused Supabase project is woken in the dashboard.",
    ),
    Cause(
        r"authentication method requirement",
        "never",
        "The server at {at} asks for another kind of login than require_auth allows.",
        "Take require_auth out of the URL, or name the kind that the server asks for.",
    ),
    Cause(
        r"channel binding (?:is )?required",
        "never",
        "The server at {at} cannot bind the login to the TLS connection.",
        "Take channel_binding out of the URL: a pooler ends TLS itself and cannot do it.",
    ),
    Cause(
        r"unsupported startup parameter",
        "never",
        "The pooler at {at} does not take a parameter of the URL.",
        "Take options and the like out of the URL, or use the direct connection.",
    ),
    Cause(
        r"no pg_hba\.conf entry.*(?:no encryption|SSL off)|SSL connection is required|ESSLREQUIRED"
        r"|SSL required|server requires SSL",
        "never",
        "The server at {at} wants TLS.",
        _TLS_HINT,
    ),
    Cause(
        r"no pg_hba\.conf entry|pg_hba\.conf rejects|EADDRNOTALLOWED|not in tenant allow_list",
        "never",
        "The server at {at} does not let user {user} in from this machine.",
        "Allow this address on the server (pg_hba.conf, network restrictions), or use the VPN.",
    ),
    Cause(
        r"not in hot standby mode|in hot standby mode|session is (?:not )?read-only",
        "never",
        "The server at {at} is not of the kind that target_session_attrs asks for.",
        "Take target_session_attrs out of the URL, or name the server that takes writes.",
    ),
)

TLS = (
    Cause(
        r"expected authentication request from server, but received"
        r"|received invalid response to SSL negotiation|unsupported frontend protocol",
        "never",
        "What listens at {at} is not PostgreSQL.",
        _NOT_POSTGRESQL,
    ),
    Cause(
        r"server does not support SSL",
        "never",
        "The server at {at} does not speak TLS, and ajour sends no password without it.",
        "Reach it through --tunnel, or switch TLS on at the server. On this machine,"
        " sslmode=disable in the URL does without.",
    ),
    Cause(
        r'root certificate file "([^"]*)" does not exist',
        "never",
        "The file that should hold the CA's certificate, {0}, is not there.",
        "Check the path behind sslrootcert; a relative one starts from the current folder.",
    ),
    Cause(
        r'could not read root certificate file "([^"]*)"',
        "never",
        "The file {0} holds no CA certificate that can be read.",
        "It is a text with -----BEGIN CERTIFICATE----- in it; download it again.",
    ),
    Cause(
        r'server certificate for "([^"]*)"[^"]* does not match host name "([^"]*)"',
        "never",
        "The certificate of the server at {at} is for {0}, not for {1}.",
        "Write the name that the certificate has as the host of the URL. If it is the right"
        " server all the same, sslmode=verify-ca does not compare the names.",
    ),
    Cause(
        r"certificate verify failed|certificate.*does not match",
        "never",
        "The certificate of the server at {at} is not signed by the CA that sslrootcert names.",
        _CA_HINT,
    ),
    Cause(
        r'weak sslmode "([^"]*)" may not be used with sslrootcert=system',
        "never",
        "The URL's sslmode={0} does not go with sslrootcert=system.",
        "Write sslmode=verify-full.",
    ),
    Cause(
        r"private key file|could not (?:read|load) (?:certificate file|private key)",
        "never",
        "The client's certificate or its key cannot be used.",
        "Check the files behind sslcert and sslkey.",
    ),
    Cause(
        r"certificate required|certificate unknown|requires a valid client certificate",
        "never",
        "The server at {at} wants a certificate of the client.",
        "Name it and its key with sslcert and sslkey in the URL.",
    ),
    Cause(
        r"protocol version|unsupported protocol|wrong version number|handshake failure",
        "never",
        "The server at {at} and this machine have no version of TLS in common.",
        "Look at ssl_min_protocol_version and ssl_max_protocol_version, here and on the server.",
    ),
)

REACH = (
    Cause(
        r"invalid (?:[\w ]*)value|invalid connection option|bad value for",
        "never",
        "A parameter of the database URL has a value that cannot be.",
        "Check what stands behind the `?` of the URL.",
    ),
    Cause(
        r"[Tt]oo many (?:clients|connections)|remaining connection slots|EMAXCONN|EMAXPOOLS"
        r"|[Mm]ax client connections|[Mm]ax clients|no more connections allowed|ECHECKOUTTIMEOUT",
        "soon",
        "The server at {at} has no connection left.",
        "Close idle clients, or try again in a minute; a transaction pooler serves more of them.",
    ),
    Cause(
        r"the database system is",
        "soon",
        "The server at {at} is starting or stopping.",
        "Try again in a moment.",
    ),
    Cause(
        r"server login has been failing|cannot connect to server|server_login_retry|EDBHANDLER"
        r"|query_wait_timeout|client_login_timeout|EPOOLTERMINATING",
        "maybe",
        "The pooler at {at} does not reach its database.",
        "Check that the database itself runs, and what the pooler's log says.",
    ),
    Cause(
        r"failed to resolve host|could not translate host name|Name or service not known",
        "maybe",
        "The host {host} has no address here.",
        "Check its spelling, the VPN and the DNS of this machine.",
    ),
    Cause(
        r'on socket "([^"]*)" failed: No such file',
        "maybe",
        "There is no socket {0} on this machine.",
        "Start the server, or check the folder and the port in the URL.",
    ),
    Cause(
        r'on socket "([^"]*)" failed: Permission denied',
        "never",
        "The socket {0} is not for this user.",
        "Run ajour as a user who may open it, or connect to the server's port on localhost.",
    ),
    Cause(
        r"Connection refused",
        "maybe",
        "Nothing listens at {at}.",
        "Start the server, or check host and port: of an SSH tunnel, it is the local port.",
    ),
    Cause(
        r"timeout expired|timed out",
        "maybe",
        "{at} does not answer.",
        "A firewall or a missing VPN swallows the packets, or something else than PostgreSQL"
        " listens there; a paused Supabase project is woken in the dashboard.",
    ),
    Cause(
        r"Network is unreachable|No route to host|Cannot assign requested address",
        "maybe",
        "There is no way from this machine to {at}.",
        "Check the VPN or the tunnel; if the host has only an IPv6 address, this network needs"
        " IPv6.",
    ),
    Cause(
        r"closed the connection|terminating connection|Connection reset|unexpected eof"
        r"|Broken pipe",
        "maybe",
        "{at} closed the connection before it was made.",
        "Check that PostgreSQL listens there: host and port belong together.",
    ),
)

CAUSES = (*LOGIN, *TLS, *REACH)

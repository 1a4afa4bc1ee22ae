"""A database URL, taken apart strictly: where a run goes, and how it is reached.

Every URL that libpq would read otherwise than its author meant is refused here, in words that
never repeat a part of it. Nothing is connected to, and no environment variable is read.
"""

import re
from dataclasses import dataclass, field, replace
from typing import NoReturn
from urllib.parse import unquote

from ajour.errors import UsageError

EXAMPLE = "postgresql://user:password@host:5432/database"

KEPT_OPTIONS = frozenset(
    """
    application_name channel_binding connect_timeout gssdelegation gssencmode gsslib keepalives
    keepalives_count keepalives_idle keepalives_interval krbsrvname max_protocol_version
    min_protocol_version options passfile require_auth requirepeer ssl_max_protocol_version
    ssl_min_protocol_version sslcert sslcertmode sslcrl sslcrldir sslkey sslmode sslnegotiation
    sslrootcert sslsni target_session_attrs tcp_user_timeout
    """.split()  # noqa: SIM905 - words read better than one quoted name a line
)
"""Parameters of libpq that are passed on."""

DROPPED_OPTIONS = frozenset(
    """
    binary_parameters client_encoding connection_limit default_query_exec_mode max_idle_connections
    max_open_connections pgbouncer pool_max_conns pool_max_conn_lifetime pool_mode pool_size
    pool_timeout prepared_statements preparethreshold simple_protocol socket_timeout
    statement_cache_capacity statement_cache_size supa uselibpqcompat workaround
    """.split()  # noqa: SIM905 - words read better than one quoted name a line
)
"""Parameters of other tools (Prisma, pgx, JDBC, Supabase's integrations): without meaning here."""

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_FIELDS = ("host", "port", "user", "password", "dbname")
_SCHEMA_OPTIONS = ("schema", "search_path", "currentschema")

_PASSWORD_PLACEHOLDER = re.compile(
    r"\[[^\[\]]*\]|<[^<>]*>|your[-_]?(?:db[-_]?|database[-_]?)?password(?:[-_]here)?", re.I
)
_PLACEHOLDER = re.compile(r"[\[<](?:[^\]>]*[-_ ])?(?:your|pass|project|ref|region|host)", re.I)
_LOCAL = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|::1", re.I)
_SUPABASE_HINT = (
    "In the Supabase dashboard, Connect → Session pooler shows the address;"
    " the database password stands under Project settings → Database."
)
_ENCODE_HINT = (
    "Percent-encode what is special in a password: @ is %40, / is %2F, # is %23, ? is %3F,"
    " % is %25, a space is %20."
)


@dataclass(frozen=True, slots=True)
class Target:
    """One database. The password is in neither `str` nor `repr`."""

    host: str
    """A name, an address, or where a Unix socket is: a folder, or `@` and an abstract name."""
    port: int
    user: str
    password: str | None = field(repr=False)
    dbname: str
    options: tuple[tuple[str, str], ...] = ()
    """Parameters of libpq from the query string, in their order."""
    decoded: bool = field(default=False, compare=False)
    """The password was percent-encoded where it was written."""
    local_port: int | None = field(default=None, compare=False)
    """Where a tunnel to it begins on this machine; None where there is none. All else stays true
    of the far end: its name is what a certificate has to have."""

    def __str__(self) -> str:
        return f"{self.user}@{self.place}/{self.dbname}"

    @property
    def place(self) -> str:
        """Host and port, as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def socket(self) -> str | None:
        """The Unix socket that the host means; None for a name or an address."""
        return f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith(("/", "@")) else None

    @property
    def is_local(self) -> bool:
        """Whether the database is reached without leaving this machine."""
        return self.socket is not None or _LOCAL.fullmatch(self.host) is not None

    @property
    def sslmode(self) -> str:
        """How TLS is used: off this machine at least `require`; with a CA, the host is checked."""
        options = dict(self.options)
        mode = options.get("sslmode")
        if options.get("sslrootcert") and mode in (None, "require"):
            return "verify-full"
        return mode or ("prefer" if self.is_local else "require")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What `redact` has to mask.

        A password that is the user's own name hides nothing, and one of a letter or two would
        hide what is said.
        """
        password = self.password or ""
        public = (self.user, self.host, self.dbname)
        return () if password in public or len(password) < 3 else (password,)

    def conninfo(self) -> dict[str, str]:
        """Return the keyword arguments for the driver. They hold the password: never print them.

        What decides where the connection goes, and as what, is always given, empty if need be:
        libpq fills what is missing from PGHOSTADDR, PGOPTIONS, PGSSLMODE and the like.
        """
        info = {"hostaddr": "", "options": "", **dict(self.options)}
        info |= {"host": self.host, "port": str(self.port), "user": self.user}
        info |= {"dbname": self.dbname, "sslmode": self.sslmode}
        if self.local_port is not None:
            info |= {"hostaddr": "127.0.0.1", "port": str(self.local_port)}
        if self.password is not None:
            info["password"] = self.password
        return info


@dataclass(frozen=True, slots=True)
class Bastion:
    """An SSH server that a database is reached through."""

    login: str
    """`user@host`, or the host alone: ssh knows the rest."""
    port: int | None = None

    def __str__(self) -> str:
        user, at, host = self.login.rpartition("@")
        shown = f"[{host}]" if ":" in host else host
        return f"{user}{at}{shown}:{self.port}" if self.port else f"{user}{at}{shown}"

    @property
    def words(self) -> tuple[str, ...]:
        """The words behind `ssh` that name it."""
        return ("-p", str(self.port), self.login) if self.port else (self.login,)


def parse_bastion(text: str) -> Bastion:
    """Return the SSH server that `user@host:port` names; user and port may be left out.

    Raises UsageError, whose words do not repeat the text: it may hold a password.
    """
    name = r"[A-Za-z0-9_][A-Za-z0-9._-]*"  # never a dash in front: ssh would read an option
    host = rf"(?:{name}|\[(?P<six>[0-9A-Fa-f:.]+(?:%\w+)?)\])"
    found = re.fullmatch(rf"(?:ssh://)?(?P<user>{name}@)?(?P<host>{host})(?::(\d{{1,5}}))?", text)
    if not found or (found[4] and not 0 < int(found[4]) < 65536):
        _refuse(
            "The SSH server for the tunnel cannot be read.",
            "Write user@host or user@host:port. A password has no place there: ssh uses its keys.",
        )
    login = f"{found['user'] or ''}{found['six'] or found['host']}"
    return Bastion(login, int(found[4]) if found[4] else None)


def parse_url(text: str) -> Target:
    """Return the target that a database URL names; white space around it does not count.

    Raises UsageError with the one thing that is wrong and what to do. Its words never hold
    a piece of the URL that could be a secret.
    """
    text = text.strip()
    _check_whole(text)
    scheme, separator, rest = text.partition("://")
    _check_scheme(scheme.lower() if separator else "")
    authority, path, query = _cut(rest)
    fields = _authority(authority)
    if path not in ("", "/"):
        fields["dbname"] = _decoded(path[1:], "database name")
        if "/" in path[1:]:
            _refuse("The database name in the URL holds a `/`.", "Write one name after the host.")
    options = _options(query)
    # As with libpq, a parameter wins over the same thing before the `?`.
    fields |= {key: options.pop(key) for key in _FIELDS if key in options}
    target = _target(fields, options)
    _check_tls(target)
    written = authority.rpartition("@")[0].partition(":")[2]
    return replace(target, decoded="%" in written)


def _refuse(message: str, hint: str) -> NoReturn:
    raise UsageError(message, hint=hint)


def _check_whole(text: str) -> None:
    """Refuse what can be told without taking the URL apart."""
    if not text:
        _refuse("The database URL is empty.", f"It looks like {EXAMPLE}.")
    if text[0] in "\"'`“‘" or text[-1] in "\"'`”’":
        _refuse("The database URL has quotation marks around it.", "Remove them.")
    control = next((at for at, char in enumerate(text, 1) if not char.isprintable()), None)
    if control:
        _refuse(
            f"The database URL holds a control character (character {control} of it).",
            "Copy it again; percent-encode what stands in the password on purpose.",
        )
    if re.match(r"(?:export\s+)?\w+\s*=\s*['\"]?\w+://", text):
        _refuse("The database URL begins with a variable's name.", "Give what follows the `=`.")
    if re.match(r"psql\s", text):
        _refuse("This is a psql command, not a database URL.", "Give the URL alone.")
    if re.match(r"\w+\s*=", text):
        _refuse("The database is given as key=value words.", f"Write it as a URL: {EXAMPLE}.")


def _check_scheme(scheme: str) -> None:
    """Refuse what is not a PostgreSQL URL. Only a scheme's own letters are ever repeated."""
    if scheme in ("postgresql", "postgres"):
        return
    if scheme in ("http", "https"):
        _refuse("This is a web address (the project's API), not a database URL.", _SUPABASE_HINT)
    if scheme.startswith("jdbc:"):
        _refuse(
            "This is a JDBC URL.", f"Drop `jdbc:` and put user and password in front: {EXAMPLE}."
        )
    if re.fullmatch(r"postgres(ql)?\+[a-z0-9]+", scheme):
        _refuse(f"`{scheme}://` is SQLAlchemy's way to write it.", "Write postgresql:// instead.")
    if re.fullmatch(r"[a-z][a-z0-9]{1,15}", scheme):
        _refuse(f"`{scheme}://` is not a PostgreSQL URL.", f"It looks like {EXAMPLE}.")
    _refuse("The database URL does not begin with postgresql://.", f"It looks like {EXAMPLE}.")


def _cut(rest: str) -> tuple[str, str, str]:
    """Cut what follows `://` into authority, path (with its `/`) and query."""
    if re.search(r"\s", rest):
        _refuse("The database URL holds a space.", _ENCODE_HINT)
    found = re.match(r"([^/?#]*)([^?#]*)(?:\?([^#]*))?(#)?", rest)
    assert found is not None, "every part may be empty"
    authority, path, query, fragment = found.groups()
    behind = rest[len(authority) :]
    if "@" in behind:  # no `@` need stand there; where one does, the URL was cut in a password
        _refuse(
            f"There is an unencoded `{behind[0]}` before the `@` of the database URL,"
            " most likely in the password.",
            _ENCODE_HINT,
        )
    if authority.count("@") > 1:
        _refuse(
            "There is more than one `@` in the database URL, most likely one in the password.",
            _ENCODE_HINT,
        )
    if fragment:
        _refuse("There is an unencoded `#` in the database URL.", _ENCODE_HINT)
    return authority, path, query or ""


def _authority(authority: str) -> dict[str, str]:
    """Return what `user:password@host:port` gives; what is empty is left out."""
    userinfo, _, address = authority.rpartition("@")
    user, _, password = userinfo.partition(":")
    if _PASSWORD_PLACEHOLDER.fullmatch(password):
        _refuse("The database URL still has a placeholder for the password.", _SUPABASE_HINT)
    if _PLACEHOLDER.search(user + " " + address):
        _refuse("The database URL still has a placeholder in it.", _SUPABASE_HINT)
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+(?:%25\w+)?)\]|([^:\[\]]*))(?::([^:]*))?", address)
    if not found:
        _refuse(
            "The host of the database URL cannot be read.",
            "An IPv6 address stands in brackets: postgresql://user@[::1]:5432/database.",
        )
    fields = {
        "host": _decoded(found[1] or found[2] or "", "host"),
        "port": found[3] or "",
        "user": _decoded(user, "user name"),
        "password": _decoded(password, "password"),
    }
    return {key: value for key, value in fields.items() if value}


def _decoded(text: str, what: str) -> str:
    """Return `text` with its percent-encoding undone, as libpq would."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        _refuse(f"The {what} in the database URL holds an unencoded `%`.", _ENCODE_HINT)
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        _refuse(
            f"The percent-encoding of the {what} in the database URL is not UTF-8.", _ENCODE_HINT
        )
    if not decoded.isprintable():
        _refuse(f"The {what} in the database URL holds a control character.", "Copy it again.")
    return decoded


def _options(query: str) -> dict[str, str]:
    """Return libpq's parameters of a query string, the ones of other tools dropped."""
    options = {}
    for pair in filter(None, query.split("&")):
        raw, equals, raw_value = pair.partition("=")
        key, value = _decoded(raw, "query"), _decoded(raw_value, "query")
        if not equals:
            _refuse("A parameter of the database URL has no value.", "Write ?name=value.")
        if key == "ssl" and value in ("true", "1"):
            key, value = "sslmode", "require"  # node-postgres and JDBC
        elif key == "ssl" and value in ("false", "0"):
            key, value = "sslmode", "disable"
        if key in KEPT_OPTIONS or key in _FIELDS:
            options[key] = value
        elif key.lower() in _SCHEMA_OPTIONS:
            if value != "public":
                _refuse(
                    f"`{key}` in the database URL would not choose the schema here.",
                    "Write schema names in the migrations, or ALTER ROLE … SET search_path.",
                )
        elif key.lower() not in DROPPED_OPTIONS:
            _refuse(
                f"The database URL has an unknown parameter{_named(key)}.", _nearest_option(key)
            )
    if options.get("sslmode") == "no-verify":  # node-postgres' word for the same thing
        options["sslmode"] = "require"
    return options


def _named(key: str) -> str:
    """Name a parameter if it can only be a name: behind a raw `?` stands a password."""
    return f" `{key}`" if re.fullmatch(r"[A-Za-z_]{2,40}", key) else ""


def _nearest_option(key: str) -> str:
    from difflib import get_close_matches  # only when something is wrong

    near = get_close_matches(key, [*KEPT_OPTIONS, *_FIELDS], 1)
    return f"Did you mean `{near[0]}`?" if near else "Remove it; libpq's own names are accepted."


def _target(fields: dict[str, str], options: dict[str, str]) -> Target:
    for key, what in (("host", "host"), ("user", "user"), ("dbname", "database")):
        if not fields.get(key):
            also = " On Supabase it is `postgres`." if key == "dbname" else ""
            _refuse(
                f"The database URL names no {what}.",
                f"It looks like {EXAMPLE}. ajour never guesses where to go.{also}",
            )
    if "," in fields["host"]:
        _refuse("The database URL names several hosts.", "Name the one that takes writes.")
    port = fields.get("port", "5432")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        _refuse(
            "The port in the database URL is not a number from 1 to 65535.",
            f"It looks like {EXAMPLE}. {_ENCODE_HINT}",
        )
    return Target(
        host=fields["host"],
        port=int(port),
        user=fields["user"],
        password=fields.get("password") or None,
        dbname=fields["dbname"],
        options=tuple(options.items()),
    )


def _check_tls(target: Target) -> None:
    mode = dict(target.options).get("sslmode")
    if mode is not None and mode not in SSL_MODES:
        _refuse("The sslmode in the database URL is unknown.", f"It is one of {_ssl_modes()}.")
    if mode in ("disable", "allow", "prefer") and not target.is_local:
        _refuse(
            f"sslmode={mode} would let the password and the data travel unencrypted.",
            "Leave it out (it is then `require`), or use verify-full with sslrootcert.",
        )


def _ssl_modes() -> str:
    return ", ".join(SSL_MODES[:-1]) + f" or {SSL_MODES[-1]}"

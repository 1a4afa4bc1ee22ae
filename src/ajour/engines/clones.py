"""Copies of a template database, for tests: each as it was when the template was made."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ajour.db.rows import fetch, transact
from ajour.db.session import Session
from ajour.db.wire import Query
from ajour.sql.names import quote
from ajour.target import Target

_SETTINGS = """
select r.rolname, split_part(s, '=', 1), substr(s, strpos(s, '=') + 1)
from pg_db_role_setting d
join pg_database on pg_database.oid = d.setdatabase
left join pg_roles r on r.oid = d.setrole
cross join unnest(d.setconfig) s
where datname = $1
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A database that nobody is connected to, so that it can be copied."""

    name: str
    server: Target
    """Where copies are made from: another database of the same server."""
    strategy: str
    """How the server copies: what is quick depends on whether it syncs to disk."""
    settings: tuple[tuple[str | None, str, str], ...]
    """Role (None: all), setting and value, of those that belong to the database."""


def template(name: str, server: Target, *, synced: bool) -> Template:
    """Return what copies of the database `name` are made by. Raises ServerError.

    `synced`: the server syncs what it writes, so that copying whole files costs two checkpoints.
    """
    session = Session(server)
    try:
        found = fetch(session.pgconn, _SETTINGS, (name,))
        major = int(fetch(session.pgconn, "show server_version_num")[0][0] or 0) // 10000
    finally:
        session.close()
    strategy = " strategy file_copy" if major >= 15 and not synced else ""
    settings = tuple((role, str(key), str(value)) for role, key, value in found)
    return Template(name, server, strategy, settings)


def copy(of: Template, name: str) -> Target:
    """Make the database `name` a copy of the template, with the settings that belong to it.

    Rights on the database itself are not copied. Raises ServerError.
    """
    session = Session(of.server)
    try:
        create = f"create database {quote(name)} template {quote(of.name)}{of.strategy}"
        fetch(session.pgconn, create)
        if of.settings:
            transact(session.pgconn, *_set(of, name))
    finally:
        session.close()
    return replace(of.server, dbname=name)


def _set(of: Template, name: str) -> Iterator[Query]:
    """Yield what gives a copy the settings. FROM CURRENT: lists must not become one word."""
    for role, key, value in of.settings:
        whose = f"role {quote(role)} in database" if role else "database"
        yield Query("select set_config($1, $2, true)", (key, value))
        yield Query(f"alter {whose} {quote(name)} set {_dotted(key)} from current")


def _dotted(key: str) -> str:
    return ".".join(quote(part) for part in key.split("."))

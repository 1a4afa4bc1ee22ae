"""What the server says of itself, of our role and of the history: facts, not judged here."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.db.rows import Row, ServerError, ask
from ajour.db.statements import Statements, ours
from ajour.db.wire import Query
from ajour.model import Relation
from ajour.sql.names import qualified

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


@dataclass(frozen=True, slots=True)
class Role:
    """The role that we are, and what it may do anywhere."""

    name: str
    superuser: bool
    bypasses_rls: bool
    creates_roles: bool
    creates_databases: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """What our role may do where the history is kept."""

    creates_schemas: bool
    makes_temporary_tables: bool
    creates_tables: bool | None
    """In the history's schema; None where there is no such schema yet."""
    owner: str | None
    """Of the history; None where there is none yet."""
    owns: bool
    writes: bool
    """Reads and writes the history's rows."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """A limit of our sessions that someone has set. 0 is none."""

    name: str
    milliseconds: int
    source: str
    """In the server's own words: "default", "configuration file", "user", "database"."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who else may do what with one of the history's tables."""

    table: str
    row_security: bool
    granted: str
    """Such as "anon: select, truncate"; empty if nobody may do anything."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that a pending file changes."""

    name: str
    owner: str
    owned: bool
    size: int
    """Bytes, indexes included."""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that a pending file creates."""

    name: str
    available: bool
    installed: bool
    trusted: bool
    """An ordinary role that may create schemas may create it."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not valid."""

    name: str
    table: str
    partitioned: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was asked."""

    version: str
    number: int
    """As server_version_num: 180006 is 18.6."""
    role: Role
    rights: Rights
    time_zone: str
    encoding: str
    data_directory: str | None
    """None where our role may not know."""
    size: int | None
    """Bytes of the database; None where our role may not know."""
    timeouts: tuple[Timeout, ...]
    access: tuple[Access, ...]
    largest: tuple[tuple[str, int], ...]
    """Names and bytes of the largest tables."""
    tables: tuple[Table, ...]
    extensions: tuple[Extension, ...]
    invalid: tuple[Index, ...]


def examine(
    pgconn: "PGconn",
    table: Relation,
    roles: tuple[str, ...],
    tables: tuple[str, ...] = (),
    extensions: tuple[str, ...] = (),
) -> Facts:
    """Ask the server, in one round trip. Changes nothing.

    `roles` are those that the history should be closed to; `tables` (as SQL writes their names)
    and `extensions` those that pending files change. Raises ServerError where the server does not
    even say which version it is.
    """
    progress = Statements(table).progress
    server, timeouts, rights, access, size, largest, known, offered, invalid = ask(
        pgconn,
        Query(ours("examine_server")),
        Query(ours("examine_timeouts")),
        Query(ours("examine_rights"), (table.schema, qualified(table))),
        Query(
            ours("examine_access"), (json.dumps([qualified(table), progress]), json.dumps(roles))
        ),
        Query(ours("examine_size")),
        Query(ours("examine_largest")),
        Query(ours("examine_tables"), (json.dumps(tables),)),
        Query(ours("examine_extensions"), (json.dumps(extensions),)),
        Query(ours("examine_indexes")),
    )
    if isinstance(server, ServerError):
        raise server
    version, number, name, *flags, zone, encoding, data = server[0]
    return Facts(
        version=version or "",
        number=int(number or 0),
        role=Role(name or "", *(flag == "true" for flag in flags)),
        rights=_rights(_rows(rights)),
        time_zone=zone or "",
        encoding=encoding or "",
        data_directory=data,
        size=next((int(row[0] or 0) for row in _rows(size)), None),
        timeouts=tuple(Timeout(str(row[0]), _int(row[1]), str(row[2])) for row in _rows(timeouts)),
        access=tuple(Access(str(a), b == "true", c or "") for a, b, c in _rows(access)),
        largest=tuple((str(row[0]), _int(row[1])) for row in _rows(largest)),
        tables=tuple(Table(str(a), str(b), c == "true", _int(d)) for a, b, c, d in _rows(known)),
        extensions=tuple(
            Extension(str(a), b == "true", c == "true", d == "true")
            for a, b, c, d in _rows(offered)
        ),
        invalid=tuple(Index(str(a), str(b), c == "I") for a, b, c in _rows(invalid)),
    )


def _rows(answer: list[Row] | ServerError) -> list[Row]:
    """Return the rows of an answer; none where the server refused the question."""
    return [] if isinstance(answer, ServerError) else answer


def _int(text: str | None) -> int:
    return int(text or 0)


def _rights(answer: list[Row]) -> Rights:
    schemas, temporary, tables, owner, owns, writes = answer[0] if answer else (None,) * 6
    return Rights(
        creates_schemas=schemas == "true",
        makes_temporary_tables=temporary == "true",
        creates_tables=None if tables is None else tables == "true",
        owner=owner,
        owns=owns == "true",
        writes=writes == "true",
    )

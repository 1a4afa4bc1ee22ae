"""What the server says of relations: sizes, rows, what depends on them, who has them locked."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from ajour.db.rows import Row, ServerError, ask
from ajour.db.statements import ours
from ajour.db.wire import Query
from ajour.effects import Lock
from ajour.model import Relation
from ajour.outlook import Facts, Holder
from ajour.sql.names import qualified

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

LIMITS = (
    "select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '10s', true)"
)
"""Looking on must neither wait in the queue for a lock, nor take long."""


@dataclass(frozen=True, slots=True)
class World:
    """The database that was asked, and the relations that are there."""

    database: str
    """Cluster, database and major version: what tells it from all others."""
    replicas: int
    relations: tuple[Facts, ...]


def look(pgconn: "PGconn", relations: Sequence[Relation]) -> World:
    """Ask the server about relations; those that are not there are left out. Changes nothing.

    In one round trip, unless somebody keeps one of them from being measured. Raises ServerError
    where the catalogue cannot be read.
    """
    names = json.dumps([qualified(each) for each in relations])
    server, system, known, holders, sizes = ask(
        pgconn,
        Query(ours("relation_server")),
        Query(ours("relation_system")),
        Query(ours("relation_facts"), (names,)),
        Query(ours("relation_holders"), (names,)),
        Query(ours("relation_sizes"), (names,)),
        limit=Query(LIMITS),
    )
    for answer in (server, known):
        if isinstance(answer, ServerError):
            raise answer
    oid, name, version, replicas = _rows(server)[0]
    cluster = next((row[0] for row in _rows(system)), None) or "unknown cluster"
    by_name = {qualified(each): each for each in relations}
    measured = {str(a): (int(b or 0), int(c or 0)) for a, b, c in _rows(sizes)}
    held: dict[str, list[Holder]] = {}
    for row in _rows(holders):
        held.setdefault(str(row[0]), []).append(_holder(row[1:]))
    return World(
        f"{cluster}/{oid}/{name}/{int(version or 0) // 10_000}",
        int(replicas or 0),
        tuple(
            replace(
                _facts(by_name[str(row[0])], row[1:], measured.get(str(row[0]))),
                holders=tuple(held.get(str(row[0]), ())),
            )
            for row in _rows(known)
        ),
    )


def _rows(answer: list[Row] | ServerError) -> list[Row]:
    return [] if isinstance(answer, ServerError) else answer


def _facts(relation: Relation, row: Row, measured: tuple[int, int] | None) -> Facts:
    oid, kind, heap, indexes, rows, analyzed, partitions, *lists, definition = row
    views, referenced_by, publications, key = (tuple(json.loads(each or "[]")) for each in lists)
    size = measured or (int(heap or 0), int(indexes or 0))
    empty = measured is not None and size[0] == 0
    return Facts(
        relation,
        int(oid or 0),
        kind or "",
        *size,
        0 if empty else None if rows is None else int(rows),
        analyzed,
        int(partitions or 0),
        views,
        referenced_by,
        publications,
        key,
        definition or "",
        exact=measured is not None,
    )


def _holder(row: Row) -> Holder:
    pid, user, application, state, seconds, query, mode, granted = row
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", (mode or "").removesuffix("Lock"))
    return Holder(
        pid or "",
        user or "unknown",
        application or "unnamed",
        state or "active",
        int(seconds or 0),
        " ".join((query or "hidden").split()),
        cast("Lock", words.upper()),
        granted == "true",
    )

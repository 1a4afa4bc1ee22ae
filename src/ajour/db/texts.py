"""Reads what was run from the history, to write lost files again."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ajour.db.rows import fetch
from ajour.db.statements import Statements
from ajour.model import Relation

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


class Kept(NamedTuple):
    """What the history keeps of a migration; None where it keeps nothing."""

    text: str | None
    checksum: str | None


def texts(pgconn: "PGconn", table: Relation, names: Iterable[str]) -> dict[str, Kept]:
    """Return what was run under each name."""
    wanted = json.dumps(list(names))
    rows = fetch(pgconn, Statements(table)["texts"], [wanted])
    return {str(name): Kept(text, checksum) for name, text, checksum in rows}

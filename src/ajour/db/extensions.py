"""Which extensions of a database are stand-ins, by the mark in their comments."""

from typing import TYPE_CHECKING

from ajour.db.rows import fetch
from ajour.db.statements import ours

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


def stand_ins(pgconn: "PGconn", mark: str) -> dict[str, frozenset[str]]:
    """Return the functions of each stand-in, under the extension's name."""
    return {
        str(name): frozenset(filter(None, (functions or "").split(",")))
        for name, functions in fetch(pgconn, ours("stand_ins"), [mark])
    }

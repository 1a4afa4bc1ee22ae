"""Takes up a statement outside a transaction that was broken off, after looking what is there.

Such a statement takes effect by itself, and nothing can record it in the same moment. So before
it is run, what is there is written down; a later run compares. An INVALID index is never
accepted, whoever left it: it is dropped and built again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.db.rows import Row, ServerError, fetch
from ajour.db.statements import ours
from ajour.errors import Refusal
from ajour.model import Statement
from ajour.sql.alone import Alone, alone
from ajour.sql.names import quote

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


@dataclass(frozen=True, slots=True)
class Look:
    """What a statement finds before it runs, and what follows from that."""

    there: str
    """What is there of its kind, as ids with commas between them; kept in the database."""
    done: bool = False
    """An earlier run began it, and it took effect after all."""
    clear: tuple[str, ...] = ()
    """Statements that take away what was left behind."""
    instead: str | None = None
    """What to run in its place."""
    state: str = ""
    """What is in the database now, for a person."""


def look(pgconn: "PGconn", statement: Statement, before: str | None = None) -> Look:
    """Look what is there; `before` is what was, when an earlier run began it (None: none did).

    Raises Refusal when another session builds the very index at this moment.
    """
    what = alone(statement)
    match what.kind:
        case "create index":
            return _index(pgconn, what, before)
        case "drop index":
            there = _id(pgconn, "relation", what.name)
            state = f"index {what.name} is {'still there' if there else 'gone'}"
            return Look(there, before is not None and not there, state=state)
        case "reindex":
            return _reindex(pgconn, what)
        case "detach":
            return _detach(pgconn, what, before)
        case "again":
            return Look("")
    verb, kind = what.kind.split()
    there = _id(pgconn, kind, what.name)
    finished = not there if verb == "drop" else there not in ("", before)
    state = f"{kind} {what.name} is {'there' if there else 'not there'}"
    return Look(there, before is not None and finished, state=state)


def clear_up(pgconn: "PGconn", statement: Statement, before: str) -> str:
    """After a failure, take away what the statement left behind; return a sentence about it.

    An INVALID unique index would go on refusing rows although nobody could use it.
    """
    found = look(pgconn, statement, before)
    for each in found.clear:
        try:
            fetch(pgconn, each)
        except ServerError as error:
            return (
                f"What it left behind could not be dropped ({error.message}); the next run tries."
            )
    return "The INVALID index that it left behind was dropped." if found.clear else ""


def _index(pgconn: "PGconn", what: Alone, before: str | None) -> Look:
    """CREATE INDEX CONCURRENTLY. Without a name, an index is known by not being there before."""
    found = fetch(pgconn, ours("indexes"), [what.relation])
    there = ",".join(str(row[0]) for row in found)
    known = set((before or there).split(","))
    mine = [row for row in found if row[2] == what.name or (not what.name and row[0] not in known)]
    if any(row[5] == "true" for row in mine):
        raise Refusal(
            f"Another session builds the index {_name(mine[0])} at this moment.",
            hint="Wait until it has ended, then run ajour again.",
        )
    broken = [row for row in mine if row[3] == "false" and row[4] == "true"]
    finished = any(row[3] == "true" and row[0] not in known for row in mine)
    state = (
        f"index {_name(broken[0])} is INVALID"
        if broken
        else f"index {_name(mine[0])} is there and valid"
        if mine
        else f"the index on {what.relation} is not there"
    )
    drops = tuple(f"drop index concurrently if exists {_name(row)}" for row in broken)
    return Look(there, before is not None and finished and not broken, drops, state=state)


def _reindex(pgconn: "PGconn", what: Alone) -> Look:
    left = fetch(pgconn, ours("reindex_leftovers"), [what.name, what.relation])
    names = [f"{quote(str(schema))}.{quote(str(name))}" for schema, name in left]
    state = f"left behind: {', '.join(names)}" if names else "nothing is left behind"
    drops = tuple(f"drop index concurrently if exists {name}" for name in names)
    return Look("", clear=drops, state=state)


def _detach(pgconn: "PGconn", what: Alone, before: str | None) -> Look:
    found = fetch(pgconn, ours("partition"), [what.relation, what.name])
    if not found:
        return Look("", before == "attached", state=f"{what.name} is detached")
    if found[0][0] == "true":
        finalize = f"alter table {what.relation} detach partition {what.name} finalize"
        return Look("attached", instead=finalize, state=f"{what.name} is half detached")
    return Look("attached", state=f"{what.name} is attached")


def _id(pgconn: "PGconn", kind: str, name: str) -> str:
    return fetch(pgconn, ours(kind), [name])[0][0] or ""


def _name(row: Row) -> str:
    return f"{quote(str(row[1]))}.{quote(str(row[2]))}"

"""Takes up a statement outside a transaction that was broken off, after looking what is there.

Such a statement takes effect by itself, and nothing can record it in the same moment. So before
it is run, what is there is written down; a later run compares. An INVALID index is never
accepted, whoever left it: it is dropped and built again.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ajour.db.rows import Row, ServerError, fetch
from ajour.db.statements import ours
from ajour.model import Statement, Step
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
    busy: str = ""
    """Who works on the very thing at this moment: nothing can be concluded until that has ended."""


def note(statement: Statement, there: str) -> str:
    """Return what is written down before a statement is run: which one it is, and what is there."""
    return f"{_mark(statement)} {there}"


def noted(statement: Statement, written: str | None) -> str | None:
    """Return what was there before an earlier run began this very statement; None: none did."""
    mark, _, there = (written or "").partition(" ")
    return there if mark == _mark(statement) else None


def look(pgconn: "PGconn", statement: Statement, before: str | None = None) -> Look:
    """Look what is there; `before` is what was, when an earlier run began it (None: none did)."""
    what = alone(statement)
    match what.kind:
        case "create index":
            return _index(pgconn, what, before)
        case "drop index":
            there = _id(pgconn, "relation", what.name)
            state = f"index {_said(what.name)} is {'still there' if there else 'gone'}"
            return Look(there, bool(before) and not there, state=state)
        case "reindex":
            return _reindex(pgconn, what)
        case "detach":
            return _detach(pgconn, what, before)
        case "again":
            return Look("")
    verb, kind = what.kind.split()
    there = _id(pgconn, kind, what.name)
    finished = bool(before) and not there if verb == "drop" else there not in ("", before)
    state = f"{kind} {what.name} is {'there' if there else 'not there'}"
    return Look(there, before is not None and finished, state=state)


def state_now(pgconn: "PGconn", step: Step, before: str | None) -> str:
    """Say what is in the database now of a step outside a transaction. Changes nothing."""
    fetch(pgconn, "begin read only")
    try:
        for each in step.carried:  # names are looked up as the step itself would
            fetch(pgconn, each.text)
        found = look(pgconn, step.statements[0], noted(step.statements[0], before))
    except ServerError as error:
        return f"it cannot be told what is there: {error.message}"
    finally:
        fetch(pgconn, "rollback")
    return found.busy or found.state


def _mark(statement: Statement) -> str:
    return hashlib.sha256(statement.text.encode()).hexdigest()[:16]


def _index(pgconn: "PGconn", what: Alone, before: str | None) -> Look:
    """CREATE INDEX CONCURRENTLY. Without a name, an index is known by not being there before."""
    found = fetch(pgconn, ours("indexes"), [what.relation])
    there = ",".join(str(row[0]) for row in found)
    known = set((there if before is None else before).split(","))
    mine = [row for row in found if row[2] == what.name or (not what.name and row[0] not in known)]
    broken = [row for row in mine if row[3] == "false" and row[4] == "true"]
    for row in broken:
        if row[5]:
            done = fetch(pgconn, ours("progress"), [row[5]])
            far = f" ({done[0][0]})" if done else ""
            return Look(there, busy=f"pid {row[5]} builds the index {_plain(row)}{far}")
    finished = any(row[3] == "true" and row[0] not in known for row in mine)
    state = (
        f"index {_plain(broken[0])} is INVALID"
        if broken
        else f"index {_plain(mine[0])} is there and valid"
        if mine
        else f"the index on {_said(what.relation)} is not there"
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
        return Look("", before == "attached", state=f"{_said(what.name)} is detached")
    if found[0][0] == "true":
        finalize = f"alter table {what.relation} detach partition {what.name} finalize"
        return Look("attached", instead=finalize, state=f"{_said(what.name)} is half detached")
    return Look("attached", state=f"{_said(what.name)} is attached")


def _id(pgconn: "PGconn", kind: str, name: str) -> str:
    return fetch(pgconn, ours(kind), [name])[0][0] or ""


def _said(name: str) -> str:
    """Return a name as a person writes it."""
    return name.replace('"', "")


def _plain(row: Row) -> str:
    return f"{row[1]}.{row[2]}"


def _name(row: Row) -> str:
    return f"{quote(str(row[1]))}.{quote(str(row[2]))}"

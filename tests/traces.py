"""What was recorded of statements, what is seen and what is claimed, all in one form."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args

from ajour.effects import Lock, Observation, Observed
from ajour.profiles import PLAIN
from ajour.sql.locks import effects
from ajour.sql.parse import Node, parse
from ajour.sql.schema import Schema, begin
from ajour.sql.split import split

DATA = Path(__file__).parent / "data"
MORE = (DATA / "more_traces.sql").read_text("utf-8")
"""Another fixture; the statements about it are in more_statements.sql, one a line."""

SHORT: dict[str, Lock] = dict(
    zip(("AS", "RS", "RX", "SUX", "S", "SRX", "X", "AX"), get_args(Lock), strict=True)
)
NOW = {"t_new": "t", "public.t": "t"}
"""Recorded is the name after the statement; seen and claimed is the one before it."""

INDEX_NOW = {"t_v2", "uq"}


CACHED = "alter table tser alter column id type bigint"
"""Its default names a sequence. Whether a lock of that stays depends on what the server has cached:
it was recorded on 15 alone and is seen on others too."""

REASSIGN = "reassign owned by postgres to postgres"
OWNER = "alter table t owner to postgres"

OWN = {
    REASSIGN: ("error", "tables"),  # the server's first role owns what may not be given away
    CACHED: ("tables",),
    OWNER: ("indexes",),  # it is the owner already, so that the indexes are left alone
}
"""What differs between our servers and the one of the record, where it does."""


@dataclass(frozen=True)
class Trace:
    """What one statement did. Names have no schema where it is the fixture's."""

    tables: dict[str, Lock]
    rewrites: frozenset[str] = frozenset()
    scans: frozenset[str] = frozenset()
    """Of recorded ones, tables that gave rows; of those seen, whether or not they did."""
    built: int = 0
    indexes: Counter[Lock] = field(default_factory=Counter)
    """How many indexes were locked in which mode, new ones as well."""
    gave_rows: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """A statement and what was recorded of it, by major; an error as text."""

    sql: str
    recorded: dict[int, str]


@cache
def rows() -> tuple[Row, ...]:
    """Return the statements that were recorded."""
    return tuple(
        Row(each["sql"], _by_major(each["by_major"]))
        for each in json.loads((DATA / "lock_traces.json").read_text("utf-8"))["observed"]
    )


def _by_major(recorded: dict[str, str]) -> dict[int, str]:
    return {
        major: text
        for key, text in recorded.items()
        for major in (range(13, 19) if key == "all" else map(int, key.split(",")))
    }


@cache
def fixture() -> str:
    """Return the statements that make what the others are about."""
    text: str = json.loads((DATA / "lock_traces.json").read_text("utf-8"))["fixture"]
    return text


def known_after(sql: str, schema: Schema | None = None, file: str = "1.sql") -> Schema:
    """Return what is known after some statements, each in a file of that name."""
    schema = begin(PLAIN) if schema is None else schema
    for statement in split(sql):
        for node in parse(statement.text) or ():
            schema = schema.after(node, file)
    return schema


@cache
def fixture_schema() -> Schema:
    """Return what is known of the fixture."""
    return known_after(fixture())


def recorded(text: str, indexes: Iterable[str] = ()) -> Trace:
    """Read a recorded trace; `indexes` are the names in it that are those of new indexes."""
    parts = re.split(r" ?\| ?", text)
    locked = re.sub(r"\(\+(\d+) idx (\w+)\)", "", parts[0])
    names = {*indexes, *INDEX_NOW}
    modes: Counter[Lock] = Counter()
    for number, mode in re.findall(r"\(\+(\d+) idx (\w+)\)", parts[0]):
        modes[SHORT[mode]] += int(number)
    tables: dict[str, Lock] = {}
    for word in locked.split():
        if word.startswith("reads:"):
            tables |= dict.fromkeys(word.removeprefix("reads:").split(","), SHORT["AS"])
            continue
        name, _, mode = word.replace("(dropped)", "").rpartition(":")
        if name in names:
            modes[SHORT[mode]] += 1
        else:
            tables[NOW.get(name, name)] = SHORT[mode]
    facts = {word: rest for word, _, rest in (part.partition(" ") for part in parts[1:])}
    return Trace(
        tables,
        _names(facts.get("REWRITE", "")),
        _names(facts.get("SCAN", "")),
        int((facts.get("BUILDS") or "0").split()[0]),
        modes,
    )


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))


def observed(relations: tuple[Observed, ...]) -> Trace:
    """Return what was seen of relations as a trace, new ones included."""
    tables = [each for each in relations if each.kind not in "iI"]
    return Trace(
        {_name(each): each.lock for each in tables if each.lock},
        frozenset(_name(each) for each in tables if each.rewritten),
        frozenset(_name(each) for each in tables if each.scanned),
        sum(len(each.built) for each in relations),
        Counter(
            each.lock
            for each in relations
            if each.kind in "iI" and each.lock not in {None, "ACCESS SHARE"} and not each.dropped
        ),
        frozenset(_name(each) for each in tables if each.rows_read > 0),
    )


def different(sql: str, text: str, relations: tuple[Observed, ...]) -> list[str]:
    """Return in what a statement that ran did not do what was recorded of it as `text`."""
    indexes = {each.relation.name for each in relations if each.kind in "iI" and each.created}
    was, now = recorded(text, indexes), observed(relations)
    same = {
        "tables": was.tables == now.tables,
        "indexes": was.indexes == now.indexes,
        "rewrites": was.rewrites == now.rewrites,
        "builds": was.built == now.built,
        "scans": was.scans == now.gave_rows,
    }
    return [what for what, holds in same.items() if not holds and what not in OWN.get(sql, ())]


def _name(each: Any) -> str:
    return str(each.relation).removeprefix("lab.")


Did = tuple[Lock, bool, bool, bool]
"""A lock, and whether a table is written anew, scanned, and gets an index built."""


def seen_by_table(observation: Observation) -> dict[str, Did]:
    """Return what happened to each relation that was there before, indexes left out."""
    return {
        str(each.relation): (each.lock, each.rewritten, each.scanned, bool(each.built))
        for each in observation.relations
        if each.kind not in "iI" and not each.created and each.lock
    }


def claimed(sql: str, schema: Schema, major: int, *, certain: bool | None = None) -> dict[str, Did]:
    """Return what is claimed of a statement, but for indexes and for relations not known.

    With `certain`, only the claims that are, or that are not.
    """
    return {
        str(each.relation): (each.lock, each.rewrites, each.scans, each.builds)
        for each in effects(_node(sql), schema, major)
        if each.relation is not None
        and each.relation not in schema.indexes
        and certain in {None, each.certain}
    }


def may_touch_others(sql: str, schema: Schema, major: int) -> bool:
    """Tell whether a statement is said to touch relations that are not known by name."""
    return any(each.relation is None for each in effects(_node(sql), schema, major))


def _node(sql: str) -> Node:
    nodes = parse(sql)
    assert nodes is not None, sql
    return nodes[0]


def at_least(claim: Did, seen: Did) -> bool:
    """Tell whether a claim says all that was seen, or worse."""
    modes = get_args(Lock)
    strong = modes.index(claim[0]) >= modes.index(seen[0])
    return strong and all(a or not b for a, b in zip(claim[1:], seen[1:], strict=True))

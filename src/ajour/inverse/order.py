"""Puts objects in an order in which each stands behind those that it needs."""

import heapq
from collections.abc import Iterable, Mapping

from ajour.catalog.objects import Identity, Object, Value

RANKS = (
    *("schema", "extension", "language", "access method", "foreign data wrapper", "server"),
    *("user mapping", "collation", "enum", "domain", "domain constraint", "type", "sequence"),
    *("table", "foreign table", "column", "function", "procedure", "aggregate", "cast"),
    *("transform", "conversion", "operator family", "operator class", "operator"),
    *("text search template", "text search parser", "text search dictionary"),
    *("text search configuration", "constraint", "index", "view", "materialized view"),
    *("statistics", "rule", "trigger", "policy", "event trigger", "publication"),
    *("publication schema", "publication table", "subscription", "security label"),
    *("role setting", "database setting", "default privileges"),
)
"""Kinds in the order in which a person would write them, where nothing else decides."""

_RANK = {kind: rank for rank, kind in enumerate(RANKS)}

Key = tuple[int, str, str, int, int, str]


def ordered(
    wanted: Iterable[Identity],
    objects: Mapping[Identity, Object],
    stands_for: Mapping[Identity, Identity],
) -> list[Identity]:
    """Return the identities, each behind those of them that it needs, else by kind and name.

    stands_for: the object that another one is made together with, such as a column's table.
    Where some need each other in a circle, kind and name decide.
    """
    needs = _needs(set(wanted), objects, stands_for)
    waiting: dict[Identity, list[Identity]] = {}
    for each, needed in needs.items():
        for one in needed:
            waiting.setdefault(one, []).append(each)
    left = {each: len(needed) for each, needed in needs.items()}
    ready = [(_key(objects[each]), each) for each, count in left.items() if not count]
    heapq.heapify(ready)
    done: dict[Identity, None] = {}
    while len(done) < len(needs):
        if not ready:  # a circle
            ready = [min((_key(objects[each]), each) for each in needs if each not in done)]
        _, each = heapq.heappop(ready)
        if each in done:
            continue
        done[each] = None
        for one in waiting.get(each, ()):
            left[one] -= 1
            if not left[one] and one not in done:
                heapq.heappush(ready, (_key(objects[one]), one))
    return list(done)


def _needs(
    names: set[Identity],
    objects: Mapping[Identity, Object],
    stands_for: Mapping[Identity, Identity],
) -> dict[Identity, set[Identity]]:
    """Return for each name those that must be there before it, and before what is made with it."""
    found: dict[Identity, set[Identity]] = {each: set() for each in names}
    for each in (*names, *stands_for):
        own = stands_for.get(each, each)
        if own not in found or each not in objects:
            continue
        one = objects[each]
        for need in (*one.depends_on, *((one.parent,) if one.parent else ())):
            first = stands_for.get(need, need)
            if first in names and first != own:
                found[own].add(first)
    return found


def _key(each: Object) -> Key:
    identity = each.identity
    foreign = each.kind == "constraint" and each.attributes.get("type") == "foreign key"
    return (
        _RANK.get(each.kind, len(RANKS)) + (_RANK["view"] if foreign else 0),
        identity.schema,
        identity.table or identity.name,
        0 if each.attributes.get("type") == "primary key" else 1,
        _number(each.attributes.get("position")),
        identity.name,
    )


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0

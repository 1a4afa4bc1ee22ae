"""Compares two catalogs: what one has and the other has not, object by object."""

from collections.abc import Iterator, Mapping

from ajour.catalog.objects import (
    HIDDEN,
    KINDS,
    NOT_READABLE,
    Catalog,
    Difference,
    Grant,
    Identity,
    Object,
    Value,
)

ORDER = "column order"
"""The attribute of a table whose common columns stand in another order."""

SAID_TWICE = {
    "constraint": frozenset(
        {
            *("type", "columns", "references", "referenced_columns", "not_valid", "not_enforced"),
            *("deferrable", "deferred", "no_inherit"),
        }
    ),
    "domain constraint": frozenset({"type", "not_valid"}),
    "index": frozenset({"unique"}),
    "trigger": frozenset({"function"}),
    "column": frozenset({"position", "usual_storage"}),
    "function": frozenset({"definition"}),
    "procedure": frozenset({"definition"}),
}
"""What is not compared, because another attribute says the same and more exactly."""

CHANGED = {
    140000: {("type", "multirange"), ("procedure", "arguments")},
    150000: {("schema public", "owner"), ("schema public", "grants")},
    170000: {("privilege", "MAINTAIN")},
}
"""What servers from this version on have or say in another way, as server_version_num has it."""


def diff(
    before: Catalog, after: Catalog, *, column_order: bool = True, hidden: bool = True
) -> tuple[Difference, ...]:
    """Return what differs, sorted by object; empty means that the two schemas are equal.

    What is part of an object that one side lacks is not listed beside it. Renames are not
    guessed: they are one object less and another one more. `column_order`: whether tables with
    the same columns in another order differ; new columns in between do either way.
    `hidden`: whether values that are secret count: no SQL can bring them back.
    """
    olds, news = before.objects, after.objects
    apart = _changed_between(*sorted((before.version, after.version)))
    if not hidden:
        apart |= {(kind, HIDDEN) for kind, attributes in KINDS.items() if HIDDEN in attributes}
    found = [
        *_missing(olds, news),
        *(each for one in _common(olds, news) for each in _changes(*one, apart)),
        *(_orders(olds, news) if column_order else ()),
    ]
    return tuple(sorted(found, key=lambda each: (each.identity, each.attribute or "")))


Objects = Mapping[Identity, Object]


def _common(olds: Objects, news: Objects) -> Iterator[tuple[Object, Object]]:
    """Yield the objects of both sides that are the same one."""
    for identity, old in olds.items():
        new = news.get(identity)
        if new is not None:
            yield old, new


def _missing(olds: Objects, news: Objects) -> Iterator[Difference]:
    """Yield what one side has alone, but for the parts of such an object."""
    for identity, old in olds.items():
        if identity not in news and (old.parent is None or old.parent in news):
            yield Difference(identity, None, old, None)
    for identity, new in news.items():
        if identity not in olds and (new.parent is None or new.parent in olds):
            yield Difference(identity, None, None, new)


def _changed_between(older: int, newer: int) -> frozenset[tuple[str, str]]:
    """Return what cannot be compared between servers of two versions."""
    crossed = (what for since, what in CHANGED.items() if older < since <= newer)
    return frozenset().union(*crossed)


def _changes(old: Object, new: Object, apart: frozenset[tuple[str, str]]) -> Iterator[Difference]:
    """Yield what differs between two states of one object."""
    ours, theirs = _compared(old, apart), _compared(new, apart)
    if NOT_READABLE in (ours.get(HIDDEN), theirs.get(HIDDEN)):
        for each in (ours, theirs):
            each.pop(HIDDEN, None)
            each.pop("options", None)
    if ours == theirs:
        return
    for name in sorted({*ours, *theirs}):
        if ours.get(name) != theirs.get(name):
            yield Difference(old.identity, name, _shown(old, name), _shown(new, name))


def _compared(each: Object, apart: frozenset[tuple[str, str]]) -> dict[str, Value]:
    """Return all that decides whether two objects are equal, but for the columns' order."""
    left_out = SAID_TWICE.get(each.kind, frozenset())
    if apart:
        names = {each.kind, str(each.identity)}
        left_out |= {attribute for kind, attribute in apart if kind in names}
    privileges = {name for kind, name in apart if kind == "privilege"}
    every: dict[str, Value] = {
        **each.attributes,
        "definition": each.definition,
        "owner": each.owner,
        "comment": each.comment,
        "grants": _normal(each, privileges),
        "owner_lacks": tuple(name for name in each.owner_lacks if name not in privileges),
    }
    return {name: value for name, value in every.items() if name not in left_out}


def _normal(each: Object, left_out: set[str]) -> tuple[Grant, ...]:
    """Return the grants as they are whoever the owner is: its own grants go with the object."""
    return tuple(
        sorted(
            grant._replace(grantor="") if grant.grantor == each.owner else grant
            for grant in each.grants
            if grant.privilege not in left_out
        )
    )


def _shown(each: Object, name: str) -> Value:
    match name:
        case "definition":
            return each.definition
        case "owner":
            return each.owner
        case "comment":
            return each.comment
        case "grants":
            return each.grants
        case "owner_lacks":
            return each.owner_lacks
        case _:
            return each.attributes.get(name)


def _orders(olds: Objects, news: Objects) -> Iterator[Difference]:
    """Yield the tables whose columns, as far as both sides have them, stand in another order."""
    ours, theirs = _columns(olds, news), _columns(news, olds)
    for table, old in ours.items():
        new = theirs[table]
        if old != new:
            yield Difference(table, ORDER, old, new)


def _columns(these: Objects, others: Objects) -> dict[Identity, tuple[str, ...]]:
    """Return the names of the columns that the others have as well, in order, by table."""
    found: dict[Identity, list[tuple[Value, str]]] = {}
    for identity, each in these.items():
        if each.kind == "column" and each.parent is not None and identity in others:
            found.setdefault(each.parent, []).append((each.attributes["position"], identity.name))
    return {
        table: tuple(name for _, name in sorted(columns, key=_place))
        for table, columns in found.items()
    }


def _place(column: tuple[Value, str]) -> int:
    position, _ = column
    return position if isinstance(position, int) else 0

"""The drift of a database from its migrations, as lines or as JSON's content."""

import difflib
from collections.abc import Iterator, Sequence

from ajour.catalog.objects import HIDDEN, Difference, Grant, Object, Value
from ajour.report.words import some

SHOWN = 12
"""How many lines of two long texts are shown."""


def lines(differences: Sequence[Difference]) -> Iterator[str]:
    """Yield each difference: what only the database has, what it lacks, what is another there."""
    for each in differences:
        if each.attribute is None:
            side = "added  " if each.before is None else "missing"
            yield f"{side}  {each.identity}"
        else:
            yield f"changed  {each.identity}: {each.attribute.replace('_', ' ')}"
            if each.attribute != HIDDEN:
                yield from (f"  {line}" for line in _change(each.before, each.after))


def summary(differences: Sequence[Difference], replayed: int, base: str | None) -> str:
    """Return what was found and from what, in a line."""
    files = "1 migration" if replayed == 1 else f"{replayed} migrations"
    made = f"what {files} {'makes' if replayed == 1 else 'make'}"
    if base:
        made += f", begun with {base}"
    if not differences:
        return f"no drift: the database has {made}"
    count = len(differences)
    return f"{count} {'difference' if count == 1 else 'differences'} from {made}"


def drafted(path: str, why_not: str | None, pending: Sequence[str]) -> Iterator[str]:
    """Yield where the draft is, whether it is proven, and how the database comes to list it."""
    yield f"created {path}"
    if why_not is None:
        yield "proven: behind the migrations it makes the schema that the database has"
    else:
        yield f"not proven: {why_not}"
    if pending:
        yield f"made without what is pending, which is to run first: {some(tuple(pending))}"
    name = path.rpartition("/")[2]
    yield "Look it through. The database has it already: there, record it without running it:"
    yield f"  ajour repair --mark-applied {name}"


def content(differences: Sequence[Difference]) -> list[dict[str, object]]:
    """Return the differences for a program. For whole objects the states are left out."""
    return [
        {
            "kind": each.identity.kind,
            "schema": each.identity.schema,
            "name": each.identity.name,
            "table": each.identity.table,
            "object": str(each.identity),
            "what": _what(each),
            "attribute": each.attribute,
            "migrations": None if each.attribute == HIDDEN else _plain(each.before),
            "database": None if each.attribute == HIDDEN else _plain(each.after),
        }
        for each in differences
    ]


def _what(each: Difference) -> str:
    if each.attribute is not None:
        return "changed"
    return "added" if each.before is None else "missing"


def _change(before: Value | Object, after: Value | Object) -> Iterator[str]:
    """Yield both states of an attribute, or what was added and taken away of a long one."""
    if isinstance(before or after, tuple):
        ours, theirs = _words(before), _words(after)
        if sorted(ours) != sorted(theirs):
            yield from (f"- {word}" for word in ours if word not in theirs)
            yield from (f"+ {word}" for word in theirs if word not in ours)
            return
        before, after = ", ".join(ours), ", ".join(theirs)
    ours, theirs = _text(before).splitlines(), _text(after).splitlines()
    if len(ours) > 1 or len(theirs) > 1:
        changed = [
            line
            for line in difflib.unified_diff(ours, theirs, n=1, lineterm="")
            if line[:3] not in ("---", "+++") and line[:2] != "@@"
        ]
        yield from changed[:SHOWN]
        if len(changed) > SHOWN:
            yield f"… {len(changed) - SHOWN} more lines"
    else:
        yield f"migrations: {_text(before)}"
        yield f"database:   {_text(after)}"


def _words(value: Value | Object) -> list[str]:
    """Return the parts of a list as words."""
    if not isinstance(value, tuple):
        return []
    return [_grant(part) if isinstance(part, Grant) else str(part) for part in value]


def _grant(grant: Grant) -> str:
    option = " with grant option" if grant.grantable else ""
    return f"{grant.privilege} to {grant.grantee}{option}"


def _text(value: Value | Object) -> str:
    if value is None:
        return "none"
    return "yes" if value is True else str(value)


def _plain(value: Value | Object) -> object:
    if isinstance(value, Object):
        return None
    if isinstance(value, tuple):
        return _words(value)
    return value

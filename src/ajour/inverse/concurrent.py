"""Indexes that a migration made or dropped CONCURRENTLY: so does its inverse, where it can.

Such a statement runs outside of a transaction, and cuts its file into steps that stay when a later
one fails. So this is done where the file has nothing but such indexes.
"""

import re
from collections.abc import Iterable, Iterator

from ajour.catalog.objects import Catalog, Identity
from ajour.inverse.words import Change
from ajour.model import Statement
from ajour.sql.mentioned import mentioned
from ajour.sql.parse import Node, parse
from ajour.sql.targets import dropped

PLAINLY = (
    "Not CONCURRENTLY, as the migration did it: this file is one transaction, and writes to the"
    " table wait. For a large table, give it a file of its own."
)
"""What is said where the index is made or dropped together with other things."""

_MAKES_OR_DROPS = re.compile(r"(create (?:unique )?index|drop index) ", re.IGNORECASE)


def built_aside(
    statements: Iterable[Statement], before: Catalog, after: Catalog
) -> frozenset[Identity]:
    """Return the indexes that a migration made or dropped CONCURRENTLY, as far as they differ."""
    differ = {
        identity
        for identity in before.objects.keys() | after.objects.keys()
        if identity.kind == "index" and before.objects.get(identity) != after.objects.get(identity)
    }
    found = (
        named
        for statement in statements
        if mentioned(statement.text, "concurrently")
        for node in parse(statement.text) or ()
        for named in _named(node)
    )
    return frozenset(
        each
        for schema, table, own in found
        for each in differ
        if schema in ("", each.schema) and table in ("", each.table) and own in ("", each.name)
    )


def _named(node: Node) -> Iterator[tuple[str, str, str]]:
    """Yield schema, table and name of the indexes of a statement; "" for what it does not say."""
    if node.kind == "IndexStmt" and node.flag("concurrent"):
        relation = node.child("relation")
        if relation is not None:
            yield relation.text("schemaname"), relation.text("relname"), node.text("idxname")
    elif node.kind == "DropStmt" and node.flag("concurrent"):
        for names in dropped(node):
            yield "".join(names[-2:-1]), "", names[-1]


def concurrently(changes: tuple[Change, ...], indexes: frozenset[Identity]) -> tuple[Change, ...]:
    """Return the changes with CONCURRENTLY, where all are about these indexes; else as they are.

    What is made under a name of its own stands before what is dropped.
    """
    if not all(change.about in indexes for change in changes):
        return changes
    made = {change.about for change in changes if not change.sql.startswith("drop index ")}
    aside = (
        change._replace(sql=_MAKES_OR_DROPS.sub(_aside, change.sql, count=1))
        if makes_or_drops(change)
        else change
        for change in changes
    )
    return tuple(sorted(aside, key=lambda change: change.about not in made))


def _aside(found: re.Match[str]) -> str:
    """Return the beginning of a statement with the word, in the case of the others."""
    return f"{found[0]}{'CONCURRENTLY' if found[0].isupper() else 'concurrently'} "


def makes_or_drops(change: Change) -> bool:
    """Tell whether a change makes or drops an index by itself."""
    return change.about.kind == "index" and _MAKES_OR_DROPS.match(change.sql) is not None

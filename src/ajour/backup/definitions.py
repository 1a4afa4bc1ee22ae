"""What makes a whole schema in an empty database: before its rows, and behind them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ajour.catalog.objects import SETTINGS, Catalog, Grant, Identity, Object
from ajour.catalog.view import without
from ajour.inverse.schema import transform
from ajour.inverse.words import Change, text
from ajour.model import Relation

_NOT_SAVED = SETTINGS | {"user mapping", "subscription"}
"""What belongs to the server, or holds secrets that nobody may read."""

_LATE = frozenset(
    {
        *("constraint", "index", "trigger", "event trigger", "policy", "rule", "statistics"),
        *("view", "materialized view", "publication", "publication table", "publication schema"),
    }
)
"""Kinds that would be in the way of rows, or are made from them."""

_LATE_OF_TABLES = frozenset({"row_security", "force_row_security", "replica_identity"})
"""The same, of what a table says of itself."""

_WITH_ROWS = frozenset({"table", "column"})


@dataclass(frozen=True, slots=True)
class Definitions:
    """Statements, in their order."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    drops: tuple[str, ...]
    """What removes all of it again as far as it is there, dependants first."""
    sequences: tuple[Relation, ...]
    unknown: tuple[Identity, ...]
    """What the catalog tells too little of to make it."""


def definitions(catalog: Catalog) -> Definitions:
    """Return the statements that make what is in the catalog, the maker its owner."""
    kept = without(catalog, lambda each: each.kind in _NOT_SAVED)
    mine = {name: replace(each, owner=catalog.user) for name, each in kept.objects.items()}
    whole = replace(kept, objects=mine)
    empty = replace(kept, objects={each.identity: each for each in map(_at_birth, _always(whole))})
    halfway = _ready_for_rows(whole)
    first, second = transform(empty, halfway), transform(halfway, whole)
    return Definitions(
        _statements(first.changes),
        _statements(second.changes),
        tuple(map(_if_there, _statements(transform(whole, empty).changes))),
        tuple(
            Relation(each.schema, each.name) for each in whole.objects if each.kind == "sequence"
        ),
        (*first.unknown, *second.unknown),
    )


def _always(catalog: Catalog) -> Iterable[Object]:
    """Yield what every database has."""
    both = (Identity("schema", "", "public"), Identity("extension", "", "plpgsql"))
    return (each for name, each in catalog.objects.items() if name._replace(table="") in both)


def _at_birth(each: Object) -> Object:
    """Return the schema public as a new database has it; another object as it is."""
    if each.kind != "schema":
        return each
    grant = Grant("public", "USAGE", grantable=False, grantor=each.owner or "")
    return replace(each, grants=(grant,), owner_lacks=(), comment="standard public schema")


def _ready_for_rows(whole: Catalog) -> Catalog:
    """Return the catalog at the moment when rows come in: nothing looks at them yet."""
    late = {name for name, each in whole.objects.items() if _is_late(each)}
    while more := {
        name
        for name, each in whole.objects.items()
        if name not in late and each.kind not in _WITH_ROWS and late & {*each.depends_on}
    }:
        late |= more
    kept = without(whole, lambda each: each.identity in late)
    return replace(kept, objects={name: _bare(each) for name, each in kept.objects.items()})


def _is_late(each: Object) -> bool:
    return each.kind in _LATE and text(each, "type") != "not null"


def _bare(each: Object) -> Object:
    if each.kind != "table":
        return each
    said = {name: value for name, value in each.attributes.items() if name not in _LATE_OF_TABLES}
    return replace(each, attributes=said)


def _statements(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(
        re.sub(r"^create extension ", "create extension if not exists ", each.sql)
        for each in changes
    )


def _if_there(sql: str) -> str:
    """Return a DROP statement so that it takes what is missing as well."""
    return re.sub(r"^(drop (?:materialized view|event trigger|\w+)) ", r"\1 if exists ", sql)

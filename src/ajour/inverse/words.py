"""The words of DDL: names, literals, and what a kind of object is called in a statement."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ajour.catalog.objects import Identity, Object
from ajour.sql.names import quote

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_KEYWORDS = """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user dec decimal default deferrable desc distinct do
    else end except exists extract false fetch float for foreign freeze from full grant greatest
    group grouping having ilike in initially inner inout int integer intersect interval into is
    isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
    json_scalar json_serialize json_table json_value lateral leading least left like limit
    localtime localtimestamp merge_action national natural nchar none normalize not notnull null
    nullif numeric offset on only or order out outer overlaps overlay placing position precision
    primary real references returning right row select session_user setof similar smallint some
    substring symmetric system_user table tablesample then time timestamp to trailing treat trim
    true union unique user using values varchar variadic verbose when where window with
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable
"""

KEYWORDS = frozenset(_KEYWORDS.split())
"""Words that are no names, or not everywhere, unless they are quoted."""

FUNCTIONS = frozenset({"function", "procedure", "aggregate"})
RELATIONS = frozenset({"table", "foreign table", "view", "materialized view"})


Parts = Mapping[Identity, Sequence[Object]]
"""The objects of a catalog by what they are part of, columns in their order."""


class Change(NamedTuple):
    """One statement, without a semicolon, and the object that it is about."""

    sql: str
    about: Identity


def name(identifier: str) -> str:
    """Return a name as SQL has it, quoted only where it must be."""
    plain = _PLAIN.fullmatch(identifier) and identifier not in KEYWORDS
    return identifier if plain else quote(identifier)


def server_of(version: int) -> str:
    """Return what a server is called that has this server_version_num."""
    return f"PostgreSQL {version // 10000}.{version % 10000}"


def comment(text: str) -> str:
    """Return a text as one comment: a name in it may have line breaks, behind which SQL begins."""
    return f"-- {' '.join(text.splitlines())}"


def literal(text: str) -> str:
    """Return a text as a constant."""
    escaped = text.replace("'", "''")
    return "E'" + escaped.replace("\\", "\\\\") + "'" if "\\" in text else f"'{escaped}'"


def word(kind: str) -> str:
    """Return what a kind is called after CREATE, ALTER and DROP."""
    return "type" if kind == "enum" else kind


def named(identity: Identity) -> str:
    """Return the name of an object with its schema; a column's table is said as well."""
    schema = f"{name(identity.schema)}." if identity.schema else ""
    if identity.kind == "column":
        return f"{schema}{name(identity.table)}.{name(identity.name)}"
    if identity.kind in FUNCTIONS:
        own, _, arguments = identity.name.rpartition("(")
        return f"{schema}{name(own)}({arguments}"
    if identity.kind == "operator":
        return f"{schema}{identity.name}" if schema else identity.name
    if identity.kind in {"operator class", "operator family"}:
        return f"{schema}{identity.name}"
    if identity.kind == "transform":
        return f"for {identity.name}"
    if identity.kind == "cast":
        return f"({identity.name})"
    return f"{schema}{name(identity.name)}"


def holder(identity: Identity) -> str:
    """Return the table, view, domain or type that an object is part of, with its schema."""
    return f"{name(identity.schema)}.{name(identity.table)}"


def addressed(identity: Identity) -> str:
    """Return kind and name as COMMENT ON has them."""
    if identity.kind in {"constraint", "trigger", "rule", "policy"}:
        return f"{identity.kind} {name(identity.name)} on {holder(identity)}"
    if identity.kind == "domain constraint":
        return f"constraint {name(identity.name)} on domain {holder(identity)}"
    return f"{word(identity.kind)} {named(identity)}"


def text(each: Object, attribute: str) -> str:
    """Return an attribute as text; "" where it has its default."""
    value = each.attributes.get(attribute)
    return "" if value is None else str(value)


def texts(each: Object, attribute: str) -> tuple[str, ...]:
    """Return an attribute that is a list."""
    value = each.attributes.get(attribute)
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def options(listed: tuple[str, ...], prefix: str = "") -> str:
    """Return options such as fillfactor=70 as they stand in brackets."""
    pairs = (each.partition("=") for each in listed)
    return ", ".join(f"{prefix}{key}={_value(value)}" for key, _, value in pairs)


def _value(value: str) -> str:
    return value if re.fullmatch(r"[a-z0-9_]+|[0-9.]+", value) else literal(value)

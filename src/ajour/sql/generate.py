"""Makes expressions of SQL that fill a column: the n-th row's value, `g` being n, from 1."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ajour.sql.names import quote

_TEXT = "md5(g::text)"
_SECONDS = "g * interval '1 second'"
_BY_TYPE = {
    "int2": "g % 30000",
    "int4": "g",
    "int8": "g",
    "oid": "g",
    "float4": "g",
    "float8": "g",
    "money": "g",
    "bool": "g % 2 = 0",
    "text": _TEXT,
    "varchar": _TEXT,
    "bpchar": _TEXT,
    "name": _TEXT,
    "citext": _TEXT,
    "char": "chr(65 + g % 26)",
    "uuid": _TEXT,
    "bytea": f"decode({_TEXT}, 'hex')",
    "date": "date '2000-01-01' + g % 1000000",
    "timestamp": f"timestamp '2000-01-01' + {_SECONDS}",
    "timestamptz": f"timestamptz '2000-01-01 00:00:00Z' + {_SECONDS}",
    "time": f"time '00:00' + {_SECONDS}",
    "timetz": f"timetz '00:00Z' + {_SECONDS}",
    "interval": _SECONDS,
    "json": "json_build_object('n', g)",
    "jsonb": "jsonb_build_object('n', g)",
    "inet": "inet '10.0.0.0' + g",
    "cidr": "set_masklen(inet '10.0.0.0' + g, 32)",
    "macaddr": "lpad(to_hex(g), 12, '0')",
    "tsvector": f"to_tsvector('simple', {_TEXT})",
    "tsquery": "'a'",
    "xml": "'<a/>'",
    "point": "point(g, g)",
    "box": "box(point(g, g), point(g, g))",
    "lseg": "lseg(point(g, g), point(g, g))",
    "path": "path '((0,0),(1,1))'",
    "polygon": "polygon '((0,0),(1,1))'",
    "circle": "circle(point(g, g), 1)",
    "line": "line '{1,1,1}'",
    "bit": "g::int::bit(32)",
    "varbit": "g::int::bit(32)",
}
_CONSTANT = re.compile(r"'((?:[^']|'')*)'|(?<![\w.'])(-?\d+(?:\.\d+)?)(?![\w'])")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that rows are to be made for."""

    name: str
    type: str
    """As format_type writes it, with its length."""
    base: str
    """The name of the type, of a domain that of its base type: int4, varchar, …"""
    kind: str
    """As pg_type has it: b base, e enum, c composite, r range, …; a for an array."""
    length: int | None
    """Of a text: how many letters; of a numeric, how many digits before the point."""
    not_null: bool
    checks: str = ""
    """The definitions of its domain's constraints."""


def value(column: Column) -> str | None:
    """Return the expression for a column that nothing restricts; None where there is none."""
    if column.kind == "a":
        plain = "'{}'"
    elif column.kind == "e":
        labels = f"enum_range(null::{column.type})"
        plain = f"({labels})[1 + g % cardinality({labels})]"
    elif column.kind in {"r", "m"}:
        plain = "'empty'" if column.kind == "r" else "'{}'"
    elif column.base == "numeric":
        plain = f"g % {10 ** min(column.length, 17)}" if column.length is not None else "g"
        plain = "0" if column.length == 0 else plain
    elif column.base in _BY_TYPE:
        plain = _BY_TYPE[column.base]
        if plain == _TEXT and column.length and column.length < 32:
            # the last digits of a count are unique for longer than the first of a hash
            plain = f"right(lpad(g::text, {column.length}, '0'), {column.length})"
    else:
        return None if column.not_null else f"null::{column.type}"
    return f"({plain})::{column.type}"


def candidates(column: Column, check: str) -> Iterator[str]:
    """Yield expressions that may satisfy a check: the usual one, then what the check names."""
    usual = value(column)
    if usual is not None:
        yield usual
    found = [
        text if number is None or not number else number
        for text, number in (
            each.groups() for each in _CONSTANT.finditer(f"{check} {column.checks}")
        )
    ]
    constants = list(dict.fromkeys(each for each in found if each is not None))
    written = [f"'{each}'" for each in constants]
    if len(written) > 1:
        listed = ", ".join(written)
        yield f"((array[{listed}])[1 + g % {len(written)}])::{column.type}"
    yield from (f"({each})::{column.type}" for each in written)
    if column.base in {"int2", "int4", "int8", "numeric", "float4", "float8"}:
        numbers = [each for each in constants if re.fullmatch(r"-?\d+(\.\d+)?", each)]
        for each in numbers:
            yield from (f"({each} {change})::{column.type}" for change in ("+ g", "+ 1", "- 1"))
        yield from (f"({each})::{column.type}" for each in ("1", "0", "-1"))
    if column.base in {"text", "varchar", "bpchar", "citext"}:
        shapes = ("'a@b.example'", "'https://a.example/'", "'a'", "''", "'abcdefgh'", "'A'", "'1'")
        yield f"(md5(g::text) || '@a.example')::{column.type}"
        yield f"('https://a.example/' || g)::{column.type}"
        yield f"left(md5(g::text), 8)::{column.type}"
        yield from (f"({each})::{column.type}" for each in shapes)
    if not column.not_null:
        yield f"null::{column.type}"


def mentions(check: str, column: Column) -> bool:
    """Tell whether the server's text of a check names a column."""
    return (
        re.search(rf"(?<![\w\"]){re.escape(column.name)}(?![\w\"])", check) is not None
        or quote(column.name) in check
    )

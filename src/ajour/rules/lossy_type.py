"""A change of a column's type that loses some of its values, or refuses them.

Finds
    `ALTER COLUMN … TYPE` to a type that holds less than the old one: fewer digits behind the point,
    a coarser time, a smaller integer, a shorter text, a date in place of a time. The old type has
    to stand in the migrations.

Why it hurts
    `numeric(10,4)` to `numeric(10,2)` rounds every value, `timestamp(3)` every time, and nobody is
    told. A shorter text or a smaller integer fails at the first value that does not fit, hours into
    the rewrite of a large table. With `USING` a cast cuts without a word.

Instead
    Add a column of the new type, fill it, look at the rows that differ, and change over to it.
    Drop the old one in a later release.

When it is fine
    A query has shown that no value changes: `-- ajour: allow lossy-type <what was counted>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, type_changes
from ajour.sql.types import Type

RULE = Rule(
    "lossy-type",
    level="error",
    family="destructive",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)

_INTEGERS = ("int2", "int4", "int8")
_FRACTIONS = ("numeric", "float8", "float4")
_TIMES = ("timestamp", "timestamptz", "time", "timetz", "interval")
_TEXTS = ("text", "varchar", "bpchar")
_UNBOUNDED = 1 << 30


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column whose new type holds less than the old one."""
    for relation, column, old, new in type_changes(facts):
        lost = _lost(old, new)
        if lost:
            yield context.finding(
                RULE,
                facts,
                f"From {old} to {new}, {column} of {relation} {lost}.",
                "Fill a new column, compare, and change over to it.",
                at=column,
            )


def _lost(old: Type, new: Type) -> str | None:
    """Return what happens to values that the new type does not hold; None where it holds all."""
    if old.dimensions or new.dimensions:
        return None
    if old.name in _INTEGERS and new.name in _INTEGERS:
        smaller = _INTEGERS.index(new.name) < _INTEGERS.index(old.name)
        return "fails at the first number that is too large" if smaller else None
    if old.name in _FRACTIONS and new.name in _INTEGERS:
        return "loses what stands behind the point"
    if old.name in _FRACTIONS and new.name in _FRACTIONS:
        return _fractions(old, new)
    if old.name in _TEXTS and new.name in _TEXTS:
        shorter = _length(new) < _length(old)
        return (
            "fails at the first text that is too long, or cuts it with USING" if shorter else None
        )
    if old.name.startswith("timestamp") and new.name == "date":
        return "loses the time of day"
    if old.name.startswith("timestamp") and new.name in ("time", "timetz"):
        return "loses the date"
    if old.name in _TIMES and new.name in _TIMES and _precision(new) < _precision(old):
        return "is rounded to a coarser time"
    return None


def _fractions(old: Type, new: Type) -> str | None:
    if (old.name, new.name) == ("float8", "float4"):
        return "loses digits"
    if new.name != "numeric" or not new.modifiers:
        return None
    if _scale(new) < _scale(old):
        return "is rounded"
    digits = [_digits(old), _digits(new)]
    return "fails at the first number that is too large" if digits[1] < digits[0] else None


def _scale(each: Type) -> int:
    """Return how many digits behind the point a type keeps."""
    if each.name != "numeric" or not each.modifiers:
        return _UNBOUNDED
    return (each.modifiers[1] or 0) if len(each.modifiers) > 1 else 0


def _digits(each: Type) -> int:
    """Return how many digits before the point a type keeps."""
    if each.name != "numeric" or not each.modifiers:
        return _UNBOUNDED
    return (each.modifiers[0] or 0) - _scale(each)


def _length(each: Type) -> int:
    if each.name == "bpchar" and not each.modifiers:
        return 1
    return (each.modifiers[0] if each.modifiers else None) or _UNBOUNDED


def _precision(each: Type) -> int:
    written = each.modifiers[-1] if each.modifiers else None
    return 6 if written is None else written

"""What becomes of values when a column gets another type: kept, rounded, cut, or refused."""

from ajour.sql.types import Type

_INTEGERS = ("int2", "int4", "int8")
_FRACTIONS = ("numeric", "float8", "float4")
_TIMES = ("timestamp", "timestamptz", "time", "timetz", "interval")
_TEXTS = ("text", "varchar", "bpchar")
_UNBOUNDED = 1 << 30


def lost(old: Type, new: Type) -> str | None:
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

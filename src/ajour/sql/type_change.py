"""Whether ALTER COLUMN TYPE has to write a table anew, or to build an index anew.

PostgreSQL looks at the cast (ATColumnChangeRequiresRewrite): what is the same in bytes stays. The
pairs here are its own casts without a function; a test tries them with a server.
"""

from typing import Literal

from ajour.sql.types import Type

Change = Literal["nothing", "rewrite", "rewrite unless UTC"]

_REG = (
    *("regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper"),
    *("regoperator", "regproc", "regprocedure", "regrole", "regtype"),
)
_SAME_BYTES = {
    *(("text", "varchar"), ("varchar", "text"), ("text", "bpchar"), ("varchar", "bpchar")),
    *(("bit", "varbit"), ("varbit", "bit"), ("cidr", "inet"), ("int4", "oid"), ("oid", "int4")),
    *(("xml", "text"), ("xml", "varchar"), ("xml", "bpchar")),
    *(
        ("citext", "text"),
        ("citext", "varchar"),
        ("citext", "bpchar"),
        ("text", "citext"),
        ("varchar", "citext"),
    ),
    *(pair for each in _REG for pair in ((each, "oid"), ("oid", each))),
    *(pair for each in _REG for pair in ((each, "int4"), ("int4", each))),
}
_SAME_ORDER = ({"text", "varchar"}, {"cidr", "inet"}, {"oid", *_REG})
"""Types whose indexes are the same in bytes as well."""

_INTERVAL_FIELDS = (12, 11, 10, 3, 1, 2)
"""The bits of SECOND, MINUTE, HOUR, DAY, MONTH and YEAR in the first modifier of an interval."""

_FINEST = 6
_TIMES = {"time", "timetz", "timestamp", "timestamptz"}


def change_of(old: Type, new: Type) -> Change:
    """Return what a change of type makes of the table; both types are base types, no domains."""
    if old == new:
        return "nothing"
    if old.dimensions or new.dimensions:
        same = bool(old.dimensions) == bool(new.dimensions) and old.name == new.name
        holds = not new.modifiers or old.modifiers == new.modifiers
        return "nothing" if same and holds else "rewrite"
    if old.name == new.name and old.schema == new.schema:
        return "nothing" if _holds(old, new) else "rewrite"
    if {old.name, new.name} == {"timestamp", "timestamptz"}:
        unchanged = not new.modifiers or new.modifiers == (_FINEST,)
        return "rewrite unless UTC" if unchanged else "rewrite"
    # Between two types a length is looked at for every row, however long it is.
    same = (old.name, new.name) in _SAME_BYTES and not new.modifiers
    return "nothing" if same else "rewrite"


def keeps_index(old: Type, new: Type) -> bool:
    """Return whether an index on a column that is not written anew stays as it is."""
    return old.name == new.name or any({old.name, new.name} <= each for each in _SAME_ORDER)


def _holds(old: Type, new: Type) -> bool:
    """Return whether a type holds all values of the same type with other modifiers."""
    before, after = old.modifiers, new.modifiers
    if None in before or None in after:
        return False
    if not after:
        return True
    match new.name:
        case "varchar" | "varbit":
            return bool(before) and _number(before) <= _number(after)
        case "numeric":
            return bool(before) and _wider(before, after)
        case name if name in _TIMES:
            return after == (_FINEST,) or (bool(before) and _number(before) <= _number(after))
        case "interval":
            return _holds_interval(before, after)
    return False


def _holds_interval(before: tuple[int | None, ...], after: tuple[int | None, ...]) -> bool:
    """Tell whether an interval keeps its smallest field, and that its digits."""
    if _least(after) > _least(before):
        return False
    digits = after[1] if len(after) > 1 else None
    had = before[1] if len(before) > 1 else None
    if _least(before) > 0 or digits is None:
        return True
    return digits >= _FINEST or (had is not None and digits >= had)


def _least(modifiers: tuple[int | None, ...]) -> int:
    """Return the smallest field of an interval: 0 for seconds, 5 for years."""
    fields = modifiers[0] if modifiers else None
    if fields is None:
        return 0
    return next(at for at, bit in enumerate(_INTERVAL_FIELDS) if fields & (1 << bit))


def _wider(before: tuple[int | None, ...], after: tuple[int | None, ...]) -> bool:
    return (before[1:] or (0,)) == (after[1:] or (0,)) and _number(before) <= _number(after)


def _number(modifiers: tuple[int | None, ...]) -> int:
    return modifiers[0] or 0

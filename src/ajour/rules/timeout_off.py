"""A migration that waits or runs without an end.

Finds
    `SET lock_timeout` or `SET statement_timeout` to 0, and a `lock_timeout` over a minute.

Why it hurts
    A statement that waits for a strong lock lets nobody else through: all queries on the table
    queue up behind it. ajour keeps that short, rolls back and tries again; without the timeout the
    queue lasts as long as the longest transaction on the table.

Instead
    Leave `lock_timeout` as it is. For one long statement, `SET LOCAL statement_timeout = '30min'`.

When it is fine
    Nobody else is connected: `-- ajour: allow timeout-off <when it runs>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.parse import Node

RULE = Rule("timeout-off", level="warning", family="runner", kinds=("VariableSetStmt",))

_LONG = 60_000
"""Milliseconds."""
_UNITS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIME = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*")


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a timeout that is turned off, or one for locks that is long."""
    name = facts.node.text("name")
    if name not in ("lock_timeout", "statement_timeout") or _is_dump(facts, context):
        return
    for value in facts.node.children("args"):
        time = _milliseconds(value)
        if time == 0:
            does = "waits for a lock" if name == "lock_timeout" else "runs"
            message = f"With this a statement {does} without an end."
        elif time is not None and name == "lock_timeout" and time > _LONG:
            message = "With this a statement waits long, and all others wait behind it."
        else:
            continue
        help_ = "Leave lock_timeout to ajour, which tries again; give a long statement a limit."
        yield context.finding(RULE, facts, message, help_, at=value)


def _is_dump(facts: Facts, context: Context) -> bool:
    """Tell whether this is one of the lines that pg_dump begins with: what follows is all new."""
    dump = "SET client_min_messages = warning;" in context.file.text
    return dump and facts.statement.text.startswith("SET ")


def _milliseconds(value: Node) -> float | None:
    number, text = value.child("ival"), value.child("sval")
    if value.kind != "A_Const" or (number is None and text is None):
        return None
    written = _TIME.fullmatch(text.text("sval").lower() if text else _integer(number))
    if written is None:
        return None
    return float(written[1]) * _UNITS.get(written[2] or "ms", 1)


def _integer(number: Node | None) -> str:
    return number.text("ival") if number is not None else ""

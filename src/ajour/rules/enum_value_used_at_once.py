"""A value is added to an enum and used in the same transaction.

Finds
    `ALTER TYPE … ADD VALUE`, and a later statement of the same transaction that has the value as a
    text; from PostgreSQL 17 on not where the same transaction made the type.

Why it hurts
    PostgreSQL refuses: "unsafe use of new value … New enum values must be committed before they can
    be used". The whole file is rolled back.

Instead
    Write what uses the value into the next file: each file is a transaction of its own.

When it is fine
    The text is no value of that enum: `-- ajour: allow enum-value-used-at-once <what it is>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.parse import Node

RULE = Rule("enum-value-used-at-once", level="error", family="data")

_OWN_TYPE = 17
"""The major from which on a value is usable at once where the same transaction made its type."""


def check_file(context: Context) -> Iterator[Finding]:
    """Find each statement that uses a value before it is committed."""
    for at, facts in enumerate(context.before):
        value = facts.node.text("new_val") if facts.kind == "AlterEnumStmt" else ""
        if not value or facts.node.text("old_val") or not facts.transactional:
            continue
        if context.major >= _OWN_TYPE and _made(facts, context):
            continue
        for later in context.before[at + 1 :]:
            used = _use(later, value) if later.step == facts.step else None
            if used is not None:
                yield context.finding(
                    RULE,
                    later,
                    f"PostgreSQL refuses to use {value!r} before it is committed.",
                    "Write this into the next file.",
                    at=used,
                )
                break


def _made(facts: Facts, context: Context) -> bool:
    """Tell whether the same transaction made the type."""
    name = facts.schema.find_type(facts.node.children("type_name"))
    return any(
        each.schema.find_type(each.node.children("type_name")) == name
        for each in context.before
        if each.kind == "CreateEnumStmt" and each.step == facts.step
    )


def _use(facts: Facts, value: str) -> Node | None:
    if value not in facts.statement.text:
        return None
    for node in facts.node.walk():
        text = node.child("sval") if node.kind == "A_Const" else None
        if text is not None and text.text("sval") == value:
            return node
    return None

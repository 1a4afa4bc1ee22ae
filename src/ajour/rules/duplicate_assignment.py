"""A column that is given a value twice in one statement.

Finds
    `UPDATE … SET a = 1, a = 2`, the same in `ON CONFLICT … DO UPDATE`, and `INSERT INTO t (a, a)`.

Why it hurts
    PostgreSQL refuses the statement ("multiple assignments to same column"), and the whole file is
    rolled back.

Instead
    Keep the value that is meant.

When it is fine
    Never. Elements of an array and fields of a composite type are told apart, and are no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.parse import Node

RULE = Rule(
    "duplicate-assignment", level="error", family="runner", kinds=("InsertStmt", "UpdateStmt")
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find the second time that a column is named."""
    conflict = facts.node.child("on_conflict_clause") if facts.kind == "InsertStmt" else None
    lists = [facts.node.children("cols" if facts.kind == "InsertStmt" else "target_list")]
    if conflict is not None:
        lists.append(conflict.children("target_list"))
    for columns in lists:
        for again in _again(columns):
            yield context.finding(
                RULE,
                facts,
                f"{again.text('name')} is given a value twice: PostgreSQL refuses that.",
                "Keep the value that is meant.",
                at=again,
            )


def _again(columns: tuple[Node, ...]) -> Iterator[Node]:
    seen: set[str] = set()
    for each in columns:
        if each.has("indirection"):
            continue
        if each.text("name") in seen:
            yield each
        seen.add(each.text("name"))

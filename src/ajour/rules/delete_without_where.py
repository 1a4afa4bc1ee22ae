"""DELETE of all rows of a table.

Finds
    `DELETE` without `WHERE`, or with one that is always true: `WHERE true`, `WHERE 1 = 1`.

Why it hurts
    All rows are gone when the transaction commits. On a large table it takes long, leaves a dead
    row for each, and keeps every row locked until then.

Instead
    Say which rows: `WHERE created_at < '2024-01-01'`, in batches. Keep them in another table or a
    backup first.

When it is fine
    All rows are meant, and can be made again:
    `-- ajour: allow delete-without-where <where they come from>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, always_true

RULE = Rule(
    "delete-without-where",
    level="error",
    family="destructive",
    kinds=("DeleteStmt",),
    claim=Claim("ROW EXCLUSIVE", scans=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a DELETE that leaves no row."""
    node = facts.node
    if not node.has("using_clause") and always_true(node.child("where_clause")):
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This deletes all rows of {table}.",
                "Say which rows with WHERE, or allow it with the place where they are kept.",
                at=table.name,
            )

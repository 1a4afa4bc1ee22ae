"""UPDATE of all rows of a table.

Finds
    `UPDATE` without `WHERE`, or with one that is always true, of a column that the file did not
    add.

Why it hurts
    What stood in the column is overwritten in every row, and nothing brings it back. Each row is
    written anew and stays locked until the transaction commits; the table and its indexes grow to
    twice their size.

Instead
    Say which rows are meant: `WHERE state IS NULL`. Of a large table, update some thousand rows at
    a time, each batch in a transaction of its own.

When it is fine
    The table is small and the old values are not needed:
    `-- ajour: allow update-without-where <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, always_true

RULE = Rule(
    "update-without-where",
    level="warning",
    family="destructive",
    kinds=("UpdateStmt",),
    claim=Claim("ROW EXCLUSIVE", scans=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find an UPDATE of every row that overwrites what was there."""
    node = facts.node
    if node.has("from_clause") or not always_true(node.child("where_clause")):
        return
    for table in facts.targets:
        written = {each.text("name") for each in node.children("target_list")}
        if not written <= context.added_columns(table):
            yield context.finding(
                RULE,
                facts,
                f"This overwrites every row of {table}.",
                "Say which rows with WHERE, and go through a large table in batches.",
                at=table.name,
            )

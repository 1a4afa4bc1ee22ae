"""DROP TABLE of a table that the same file did not create.

Finds
    `DROP TABLE`, with or without `IF EXISTS`.

Why it hurts
    All rows are gone when the transaction commits, and nothing brings them back but a backup. The
    table is locked against everybody, and so is every table that its foreign keys point to.

Instead
    Take it out of use first: `ALTER TABLE … RENAME TO _dropped_…`, or `SET SCHEMA` to one that
    nobody reads. Drop it in a later release, when nobody missed it and a backup was made.

When it is fine
    The table was never used, or its rows are kept elsewhere. Say so:
    `-- ajour: allow drop-table <where the rows are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule

RULE = Rule(
    "drop-table",
    level="error",
    family="destructive",
    kinds=("DropStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that is dropped."""
    if facts.node.text("remove_type") == "OBJECT_TABLE":
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This drops {table} with all its rows.",
                "Rename it now and drop it in a later release, after a backup.",
                at=table.name,
            )

"""DROP IDENTITY of a column.

Finds
    `ALTER TABLE … ALTER COLUMN … DROP IDENTITY`.

Why it hurts
    The column's sequence is gone, and with it where it stood. Inserts that do not name the column
    fail from then on, if it is `NOT NULL`.

Instead
    Keep it, or give the column a default from a sequence that goes on behind the last number, in
    the same transaction.

When it is fine
    Every client gives the number itself: `-- ajour: allow drop-identity <since when>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "drop-identity",
    level="warning",
    family="destructive",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that loses its identity."""
    for command in commands(facts.node, "AT_DropIdentity"):
        for table in facts.targets:
            name = command.text("name")
            yield context.finding(
                RULE,
                facts,
                f"This drops the sequence of {name} of {table}, and where it stood.",
                "Give the column another default in the same file, behind the last number.",
                at=name,
            )

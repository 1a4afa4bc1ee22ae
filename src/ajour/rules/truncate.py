"""TRUNCATE of a table that is in use.

Finds
    `TRUNCATE` of a table that the same file did not create.

Why it hurts
    All rows are gone when the transaction commits. The table is locked against everybody until
    then, and gets a new file. Triggers for each row do not fire, and policies do not hold.

Instead
    Copy the rows to another table or make a backup, then `DELETE` with a condition, in batches.

When it is fine
    The rows can be made again, such as those of a cache:
    `-- ajour: allow truncate <where the rows come from>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule

RULE = Rule(
    "truncate",
    level="error",
    family="destructive",
    kinds=("TruncateStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that is emptied."""
    for table in facts.targets:
        yield context.finding(
            RULE,
            facts,
            f"This deletes all rows of {table}.",
            "Keep them in another table or a backup first; DELETE with a condition.",
            at=table.name,
        )

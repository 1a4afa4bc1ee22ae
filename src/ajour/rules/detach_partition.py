"""DETACH PARTITION: rows leave the table that clients read.

Finds
    `ALTER TABLE … DETACH PARTITION`.

Why it hurts
    The rows of the partition are not seen in the parent any more, and unique constraints and
    foreign keys no longer look at them. Rows for its range go to the default partition, or are
    refused.

Instead
    That is the way to take old rows out: detach, keep the partition as a table of its own, drop it
    in a later release after a backup.

When it is fine
    The rows are meant to leave: `-- ajour: allow detach-partition <where they stay>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule("detach-partition", level="warning", family="destructive", kinds=("AlterTableStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each partition that leaves its parent."""
    for command in commands(facts.node, "AT_DetachPartition"):
        partition = command.child("def")
        named = partition.child("name") if partition else None
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"The rows of {context.schema.resolve(named) if named else 'it'} leave {table}.",
                "Keep it as a table until a later release; drop it after a backup.",
                at=named,
            )

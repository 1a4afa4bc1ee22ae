"""ATTACH PARTITION that looks at every row while nobody can use the table.

Finds
    `ATTACH PARTITION` of a table whose constraints do not say what the bounds say, and partitions
    that are added where a default partition has to be searched for rows of them.

Why it hurts
    All rows of the new partition are read under a lock against reading and writing; those of the
    default partition as well, and with it locked, queries on the parent wait.

Instead
    Before, in files of their own: a `CHECK` on the new partition that says its bounds, with
    `NOT NULL`, added `NOT VALID` and then validated; and one on the default partition that says
    that no row is in these bounds. Then no row is read. Drop both afterwards.

When it is fine
    Both are small: `-- ajour: allow attach-partition-scans <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule(
    "attach-partition-scans",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt", "CreateStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that is read under a lock for a partition to come in."""
    if facts.kind == "CreateStmt":
        read = facts.in_use if facts.node.has("partbound") else ()
    else:
        attached = commands(facts.node, "AT_AttachPartition")
        read = tuple(
            each for command in attached for each in facts.effects_of(command, context.major)
        )
    for each in read:
        if each.scans and each.relation is not None and each.lock == "ACCESS EXCLUSIVE":
            yield context.finding(
                RULE,
                facts,
                f"This reads all rows of {each.relation} while nobody else can read or write it.",
                "Before, add a CHECK that says which rows it can have, NOT VALID; validate it.",
                relation=each.relation,
            )

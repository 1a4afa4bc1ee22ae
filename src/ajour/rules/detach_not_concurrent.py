"""DETACH PARTITION that locks the parent against everybody.

Finds
    `ALTER TABLE … DETACH PARTITION` without `CONCURRENTLY`.

Why it hurts
    It is done in no time, but needs the parent for itself. Behind a long query on any partition it
    waits, and every query that comes after waits behind it.

Instead
    `DETACH PARTITION … CONCURRENTLY`, in a file of its own. It cannot run in a transaction, and
    the server refuses it where there is a default partition.

When it is fine
    No query on the table takes long: `-- ajour: allow detach-not-concurrent <why>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, keyword

RULE = Rule(
    "detach-not-concurrent",
    level="info",
    family="locks",
    kinds=("AlterTableStmt",),
    majors=range(14, 19),
    claim=Claim("ACCESS EXCLUSIVE"),
)

_DETACH = re.compile(r"\bdetach\s+partition\b.*", re.IGNORECASE | re.DOTALL)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a parent that is locked for a partition to leave."""
    for command in commands(facts.node, "AT_DetachPartition"):
        partition = command.child("def")
        for table in facts.targets:
            if partition and not partition.flag("concurrent") and not _has_default(facts, table):
                yield context.finding(
                    RULE,
                    facts,
                    f"This locks {table} and its partition against reading and writing.",
                    "DETACH PARTITION … CONCURRENTLY, in a file of its own.",
                    at=table.name,
                )


def fix(facts: Facts, context: Context) -> str | None:
    """Write CONCURRENTLY, where that does not tear the file apart."""
    text = facts.statement.text
    detached = _DETACH.search(text)
    if detached is None or not context.may_run_alone:
        return None
    return f"{text} {keyword('concurrently', detached[0][:6])}"


def _has_default(facts: Facts, parent: Relation) -> bool:
    """Tell whether there is a default partition, with which the server refuses CONCURRENTLY."""
    tables = facts.schema.tables.values()
    return any(each.bound == "default" and parent in each.parents for each in tables)

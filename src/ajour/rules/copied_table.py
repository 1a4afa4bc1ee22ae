"""A table that is copied whole: to another tablespace, access method, or into the log.

Finds
    `SET TABLESPACE`, `SET ACCESS METHOD` and `SET LOGGED`, where that changes something.

Why it hurts
    All that is stored is copied while nobody can read or write the table, and `SET LOGGED` writes
    all of it to the log as well, for every replica.

Instead
    Fill a new table in batches, and let both change names in a later file. pg_repack can move a
    table to another tablespace while it is used.

When it is fine
    The table is small, or nobody is connected: `-- ajour: allow copied-table <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "copied-table",
    level="error",
    family="rewrites",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table or index that is copied."""
    for command in commands(facts.node, "AT_SetTableSpace", "AT_SetAccessMethod", "AT_SetLogged"):
        written = {
            each.relation for each in facts.effects_of(command, context.major) if each.rewrites
        }
        for table in facts.targets:
            if table in written:
                yield context.finding(
                    RULE,
                    facts,
                    f"While this copies {table}, nobody can read or write it.",
                    "Fill a new table in batches, and change the names in a later file.",
                    at=table.name,
                )

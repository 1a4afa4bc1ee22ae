"""VACUUM FULL and CLUSTER, which write a table anew while nobody can use it.

Finds
    `VACUUM FULL` and `CLUSTER` in a migration.

Why it hurts
    The whole table and all its indexes are written anew under a lock against reading and writing,
    and the disk needs room for both. The room that is won fills up again.

Instead
    Plain `VACUUM` makes room for new rows inside of the table. What must give room back to the disk
    is done with pg_repack or the like, outside of migrations.

When it is fine
    Nobody is connected: `-- ajour: allow vacuum-full <when it runs>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule

RULE = Rule(
    "vacuum-full",
    level="error",
    family="rewrites",
    kinds=("VacuumStmt", "ClusterStmt"),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a table that is written anew, or all of them."""
    written = [each.relation for each in facts.in_use if each.rewrites]
    tables = facts.targets or ((None,) if written else ())
    for table in tables if written else ():
        yield context.finding(
            RULE,
            facts,
            f"While this writes {table or 'each table'} anew, nobody can read or write it.",
            "VACUUM without FULL, or pg_repack outside of migrations.",
            at=table.name if table else None,
            relation=table,
        )

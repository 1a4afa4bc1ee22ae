"""A setting of a role or the database, which every later session begins with.

Finds
    `ALTER ROLE … SET`, `ALTER DATABASE … SET` and their `RESET`.

Why it hurts
    Nothing changes for the sessions that are there; each new one has it, and the pool of the
    application mixes both for hours. Roles belong to the whole server: other databases on it are
    changed too. No dump of this database brings it along.

Instead
    Set it where it is needed: `ALTER FUNCTION … SET`, or `SET LOCAL` in the transaction.

When it is fine
    It is meant for all: `-- ajour: allow setting-for-all-sessions <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule(
    "setting-for-all-sessions",
    level="warning",
    family="runner",
    kinds=("AlterDatabaseSetStmt", "AlterRoleSetStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a setting that outlives the migration."""
    whose = "the database" if facts.kind == "AlterDatabaseSetStmt" else "the role"
    made = facts.node.child("setstmt")
    name = made.text("name") if made is not None else ""
    yield context.finding(
        RULE,
        facts,
        f"Every later session of {whose} begins with another {name or 'configuration'}.",
        "Set it where it is needed: on a function, or with SET LOCAL.",
        at=name or None,
    )

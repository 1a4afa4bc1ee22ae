"""DROP DATABASE in a migration.

Finds
    `DROP DATABASE`.

Why it hurts
    A whole database is gone, and a statement like this cannot be rolled back: it runs outside of a
    transaction.

Instead
    A database is dropped by a person who looks at its name twice, not by a migration.

When it is fine
    In no migration that production runs.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("drop-database", level="error", family="destructive", kinds=("DropdbStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a database that is dropped."""
    name = facts.node.text("dbname")
    yield context.finding(
        RULE,
        facts,
        f"This drops the database {name} with everything in it.",
        "Do it by hand, after a look at the name and a backup.",
        at=name,
    )

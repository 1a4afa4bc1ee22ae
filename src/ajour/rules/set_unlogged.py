"""SET UNLOGGED: a table that is empty after a crash.

Finds
    `ALTER TABLE … SET UNLOGGED`.

Why it hurts
    The server empties the table when it starts after a crash. Replicas and backups from them do not
    have its rows. The change itself writes the whole table anew, under a lock against everybody.

Instead
    Keep it `LOGGED`. Rows that may be lost go to a table that is created `UNLOGGED`.

When it is fine
    The rows can be made again at any time: `-- ajour: allow set-unlogged <how>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "set-unlogged",
    level="warning",
    family="destructive",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that shall not survive a crash."""
    for _ in commands(facts.node, "AT_SetUnLogged"):
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"After a crash of the server {table} is empty, and replicas have no rows of it.",
                "Keep it LOGGED, or make another table UNLOGGED for what may be lost.",
                at="unlogged",
            )

"""VALIDATE CONSTRAINT while the transaction keeps a strong lock on the table.

Finds
    `VALIDATE CONSTRAINT` after `ADD CONSTRAINT … NOT VALID`, or after another strong lock on the
    table, in the same transaction.

Why it hurts
    `VALIDATE CONSTRAINT` alone lets others go on reading and writing. But locks are kept until the
    transaction commits: what `ADD CONSTRAINT` took stays while all rows are read, as if `NOT VALID`
    had never been written.

Instead
    Validate in the next file.

When it is fine
    The table is small: `-- ajour: allow validate-in-same-transaction <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule(
    "validate-in-same-transaction",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt",),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a VALIDATE that reads rows under an older lock."""
    for command in commands(facts.node, "AT_ValidateConstraint"):
        read = {each.relation for each in facts.effects_of(command, context.major) if each.scans}
        for table in facts.targets:
            locked = [earlier for earlier, each in context.held(facts) if each.relation == table]
            if table in read and locked:
                line = locked[0].statement.line
                yield context.finding(
                    RULE,
                    facts,
                    f"The lock that line {line} took on {table} is kept while all rows are read.",
                    "Put VALIDATE CONSTRAINT into the next file.",
                    at=command.text("name"),
                )

"""A CHECK that looks at every row while nobody can use the table.

Finds
    `ADD CONSTRAINT … CHECK` without `NOT VALID`, also as part of `ADD COLUMN`, on a table that was
    there before the file.

Why it hurts
    All rows are read under a lock against reading and writing. One row that does not fit makes the
    deploy fail.

Instead
    `ADD CONSTRAINT … CHECK (…) NOT VALID`: new rows are checked from then on. In the next file
    `VALIDATE CONSTRAINT`, which reads the rows while others go on writing.

When it is fine
    The table is small: `-- ajour: allow check-without-not-valid <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints, keyword

RULE = Rule(
    "check-without-not-valid",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", scans=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each CHECK that is validated at once."""
    for command in commands(facts.node, "AT_AddConstraint", "AT_AddColumn"):
        checks = constraints(command, "CONSTR_CHECK")
        if not checks or not any(each.scans for each in facts.effects_of(command, context.major)):
            continue
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This reads all rows of {table} while nobody else can read or write it.",
                "Add it NOT VALID, and VALIDATE CONSTRAINT in the next file.",
                at=checks[0],
            )


def fix(facts: Facts, context: Context) -> str | None:  # noqa: ARG001 - the shape of every fix
    """Write NOT VALID behind a CHECK that is all that the statement adds."""
    added = facts.node.children("cmds")
    if len(added) > 1 or added[0].text("subtype") != "AT_AddConstraint":
        return None
    text = facts.statement.text
    return f"{text} {keyword('not valid', text[:5])}"

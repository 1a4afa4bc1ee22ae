"""A foreign key that looks at every row while nobody can write to both tables.

Finds
    `ADD CONSTRAINT … FOREIGN KEY` without `NOT VALID`, and `ADD COLUMN … DEFAULT … REFERENCES`, on
    a table that was there before the file.

Why it hurts
    Both tables are locked against writing while each row is looked up in the other table. One
    orphan makes the deploy fail.

Instead
    `ADD CONSTRAINT … FOREIGN KEY … NOT VALID`: new rows are checked from then on. In the next file
    `VALIDATE CONSTRAINT`, which looks at the rows while others go on writing to both tables. On a
    partitioned table that is possible from PostgreSQL 18 on; before, add the key to each partition.

When it is fine
    The table is small: `-- ajour: allow foreign-key-without-not-valid <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints, keyword

RULE = Rule(
    "foreign-key-without-not-valid",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt",),
    claim=Claim("SHARE ROW EXCLUSIVE", scans=True),
)

_PARTITIONED = 18
"""The major from which on a foreign key of a partitioned table may be NOT VALID."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each foreign key that is validated at once."""
    for command in commands(facts.node, "AT_AddConstraint", "AT_AddColumn"):
        keys = constraints(command, "CONSTR_FOREIGN")
        if not keys or not any(each.scans for each in facts.effects_of(command, context.major)):
            continue
        other = keys[0].child("pktable")
        both = f" and {facts.schema.resolve(other)}" if other else ""
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This looks up every row of {table} while nobody can write to it{both}.",
                "Add it NOT VALID, and VALIDATE CONSTRAINT in the next file.",
                at=keys[0],
            )


def fix(facts: Facts, context: Context) -> str | None:
    """Write NOT VALID behind a foreign key that is all that the statement adds."""
    added = facts.node.children("cmds")
    if len(added) > 1 or added[0].text("subtype") != "AT_AddConstraint":
        return None
    tables = [facts.schema.tables.get(table) for table in facts.targets]
    parts = any(table is None or table.kind in (None, "partitioned table") for table in tables)
    if parts and context.major < _PARTITIONED:
        return None
    text = facts.statement.text
    return f"{text} {keyword('not valid', text[:5])}"

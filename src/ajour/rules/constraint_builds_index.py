"""A UNIQUE, PRIMARY KEY or EXCLUDE that builds its index while nobody can use the table.

Finds
    `ADD CONSTRAINT` with `UNIQUE`, `PRIMARY KEY` or `EXCLUDE` without `USING INDEX`, also as part
    of `ADD COLUMN`, on a table that was there before the file.

Why it hurts
    All rows are read and sorted under a lock against reading and writing. A duplicate makes the
    deploy fail.

Instead
    `CREATE UNIQUE INDEX CONCURRENTLY` in a file of its own; in the next file
    `ADD CONSTRAINT … UNIQUE USING INDEX`, or `PRIMARY KEY USING INDEX`, which takes the index
    over. For a primary key the columns should be `NOT NULL` before. `EXCLUDE` has no such way:
    fill a new table that has it, or add it while nobody is connected.

When it is fine
    The table is small: `-- ajour: allow constraint-builds-index <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints

RULE = Rule(
    "constraint-builds-index",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", scans=True, builds=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each constraint whose index is built at once."""
    for command in commands(facts.node, "AT_AddConstraint", "AT_AddColumn"):
        found = constraints(command, "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION")
        if not found or not any(each.builds for each in facts.effects_of(command, context.major)):
            continue
        exclude = found[0].text("contype") == "CONSTR_EXCLUSION"
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"While its index is built, nobody can read or write {table}.",
                "Fill a new table that has the constraint, or add it while nobody is connected."
                if exclude
                else "CREATE UNIQUE INDEX CONCURRENTLY; in the next file ADD … USING INDEX.",
                at=found[0],
            )

"""A new column whose default is computed for every row, so that the table is written anew.

Finds
    `ADD COLUMN … DEFAULT` with a volatile function: `gen_random_uuid()`, `random()`,
    `clock_timestamp()`, `nextval()`. `now()` and constants are not meant: these are stored once,
    for all rows together.

Why it hurts
    The whole table and all its indexes are written anew while nobody can read or write it. That
    takes minutes for some ten gigabytes, and as much room again on the disk.

Instead
    `ADD COLUMN` without a default, `ALTER COLUMN … SET DEFAULT` for new rows, and in later files
    fill the old rows, some thousand at a time.

When it is fine
    The table is small: `-- ajour: allow volatile-default <how many rows there are>`.
"""

from collections.abc import Iterator
from dataclasses import replace

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints
from ajour.sql.volatile import is_volatile

RULE = Rule(
    "volatile-default",
    level="error",
    family="rewrites",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each new column with a default that differs from row to row."""
    for command in commands(facts.node, "AT_AddColumn"):
        marks = constraints(command, "CONSTR_DEFAULT")
        default = marks[0].child("raw_expr") if marks else None
        volatile = is_volatile(default, facts.schema) if default else False
        written = [each for each in facts.effects_of(command, context.major) if each.rewrites]
        if volatile is False or not written or (volatile is None and written[0].certain):
            continue  # certain, and not by the default: the type does it
        for table in facts.targets:
            found = context.finding(
                RULE,
                facts,
                f"This writes {table} anew, to compute the default for every row."
                if volatile
                else f"If a function of the default is volatile, this writes {table} anew.",
                "Add the column without a default, SET DEFAULT, and fill old rows in batches.",
                at=default,
            )
            yield found if volatile else replace(found, level="warning")

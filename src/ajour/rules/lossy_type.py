"""A change of a column's type that loses some of its values, or refuses them.

Finds
    `ALTER COLUMN … TYPE` to a type that holds less than the old one: fewer digits behind the point,
    a coarser time, a smaller integer, a shorter text, a date in place of a time. The old type has
    to stand in the migrations.

Why it hurts
    `numeric(10,4)` to `numeric(10,2)` rounds every value, `timestamp(3)` every time, and nobody is
    told. A shorter text or a smaller integer fails at the first value that does not fit, hours into
    the rewrite of a large table. With `USING` a cast cuts without a word.

Instead
    Add a column of the new type, fill it, look at the rows that differ, and change over to it.
    Drop the old one in a later release.

When it is fine
    A query has shown that no value changes: `-- ajour: allow lossy-type <what was counted>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, type_changes
from ajour.sql.lossy import lost

RULE = Rule(
    "lossy-type",
    level="error",
    family="destructive",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column whose new type holds less than the old one."""
    for relation, column, old, new in type_changes(facts):
        loss = lost(old, new)
        if loss:
            yield context.finding(
                RULE,
                facts,
                f"From {old} to {new}, {column} of {relation} {loss}.",
                "Fill a new column, compare, and change over to it.",
                at=column,
            )

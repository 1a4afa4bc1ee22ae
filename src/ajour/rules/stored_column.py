"""A generated column that is computed for every row, so that the table is written anew.

Finds
    `ADD COLUMN … GENERATED ALWAYS AS (…) STORED`, on a table that was there before the file, and
    `ALTER COLUMN … SET EXPRESSION` of such a column.

Why it hurts
    The whole table and all its indexes are written anew while nobody can read or write it.

Instead
    From PostgreSQL 18 on, `VIRTUAL`: it is computed when it is read, and nothing is written. Where
    it must be stored, for an index say: an ordinary column that a trigger fills, and old rows in
    batches. Or an index on the expression itself.

When it is fine
    The table is small: `-- ajour: allow stored-column <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints

RULE = Rule(
    "stored-column",
    level="error",
    family="rewrites",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)

_VIRTUAL = 18
"""The major from which on a column may be computed when it is read."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that is computed for all rows at once."""
    for command in commands(facts.node, "AT_AddColumn", "AT_SetExpression"):
        adds, column = command.text("subtype") == "AT_AddColumn", command.child("def")
        if adds and not constraints(command, "CONSTR_GENERATED"):
            continue
        if not facts.rewrites(command, context.major):
            continue
        other = "A column that a trigger fills, or an index on the expression."
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This writes {table} anew, to compute the column for every row.",
                f"VIRTUAL, which writes nothing. {other}" if context.major >= _VIRTUAL else other,
                at=column.text("colname") if adds and column else command.text("name"),
            )

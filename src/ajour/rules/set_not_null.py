"""SET NOT NULL that looks at every row while nobody can use the table.

Finds
    `ALTER COLUMN … SET NOT NULL`, `ADD CONSTRAINT … NOT NULL` without `NOT VALID`, and
    `PRIMARY KEY USING INDEX`, where no valid CHECK shows that there is no NULL.

Why it hurts
    All rows are read under a lock against reading and writing. One NULL makes the deploy fail.

Instead
    `ADD CONSTRAINT … CHECK (c IS NOT NULL) NOT VALID`, in the next file `VALIDATE CONSTRAINT`, and
    in the one after that `SET NOT NULL`, which then reads no row, and `DROP CONSTRAINT`. From
    PostgreSQL 18 on: `ADD CONSTRAINT … NOT NULL c NOT VALID`, in the next file
    `VALIDATE CONSTRAINT`.

When it is fine
    The table is small: `-- ajour: allow set-not-null <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Claim, Context, Facts, Rule, commands, constraints
from ajour.sql.constraint_locks import proves_not_null
from ajour.sql.parse import Node

RULE = Rule(
    "set-not-null",
    level="warning",
    family="locks",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", scans=True),
)

_NAMED = 18
"""The major from which on NOT NULL is a constraint that may be NOT VALID."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column in which NULL has to be looked for."""
    for command in commands(facts.node, "AT_SetNotNull", "AT_AddConstraint"):
        column = _column(command, facts)
        if not column or not any(each.scans for each in facts.effects_of(command, context.major)):
            continue
        if context.major >= _NAMED:
            first = f"ADD CONSTRAINT … NOT NULL {column} NOT VALID"
        else:
            first = f"ADD CONSTRAINT … CHECK ({column} IS NOT NULL) NOT VALID"
        then = "" if context.major >= _NAMED else ", and SET NOT NULL after that"
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This reads all rows of {table} while nobody else can read or write it.",
                f"{first}; in the next file VALIDATE CONSTRAINT{then}.",
                at=column,
            )


def _column(command: Node, facts: Facts) -> str:
    """Return the column that must have no NULL from now on; empty where it is not about that."""
    if command.text("subtype") == "AT_SetNotNull":
        return command.text("name")
    keys = [
        key.text("sval")
        for constraint in constraints(command, "CONSTR_NOTNULL")
        for key in constraint.children("keys")
    ]
    for constraint in constraints(command, "CONSTR_PRIMARY"):
        keys += (key for table in facts.targets for key in _nullable(constraint, table, facts))
    return keys[0] if keys else ""


def _nullable(constraint: Node, table: Relation, facts: Facts) -> Iterator[str]:
    """Yield the keys of the index that becomes the primary key which may have NULL."""
    using, known = constraint.text("indexname"), facts.schema.tables.get(table)
    index = facts.schema.indexes.get(facts.schema.find(using, table.schema)) if using else None
    for key in index.keys if index else ():
        if key and known and not proves_not_null(known, key):
            yield key

"""A new column of a domain with rules, for which the table is written anew.

Finds
    `ADD COLUMN` of a domain that has a `CHECK` or `NOT NULL`, on a table that was there before the
    file.

Why it hurts
    The rules of a domain hold for NULL as well, so the server computes and checks every row, and
    writes the whole table and its indexes anew while nobody can read or write it.

Instead
    `ADD COLUMN` of the type that the domain is made of, with a `CHECK … NOT VALID` on the table
    that says the same, and in the next file `VALIDATE CONSTRAINT`.

When it is fine
    The table is small: `-- ajour: allow column-of-domain <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "column-of-domain",
    level="error",
    family="rewrites",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each new column whose domain is checked for every row."""
    for command in commands(facts.node, "AT_AddColumn"):
        column = command.child("def")
        written = column.child("type_name") if column else None
        if column is None or written is None:
            continue
        shape = facts.schema.read_type(written)
        domain = facts.schema.domains.get(facts.schema.type_of(shape))
        if domain is None or not domain.constrained:
            continue
        if facts.rewrites(command, context.major):
            for table in facts.targets:
                yield context.finding(
                    RULE,
                    facts,
                    f"This writes {table} anew, to check the domain {shape.name} for every row.",
                    f"Add a column of type {domain.base}, and a CHECK that is NOT VALID.",
                    at=column.text("colname"),
                )

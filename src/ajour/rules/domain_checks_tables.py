"""A rule of a domain that every table with a column of it is read for.

Finds
    `ALTER DOMAIN … ADD CONSTRAINT` without `NOT VALID`, `SET NOT NULL` and
    `VALIDATE CONSTRAINT`, of a domain that a table uses which was there before the file.

Why it hurts
    Every table with a column of the domain is read, one after another, and nobody can write to
    them until the transaction commits.

Instead
    `ADD CONSTRAINT … NOT VALID`: new values are checked from then on. `VALIDATE CONSTRAINT` alone
    in the next file; from PostgreSQL 18 on it lets others go on writing.

When it is fine
    The tables are small: `-- ajour: allow domain-checks-tables <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, keyword

RULE = Rule("domain-checks-tables", level="warning", family="locks", kinds=("AlterDomainStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that is read under a lock against writing."""
    for each in facts.in_use:
        if each.scans and each.relation is not None and each.lock == "SHARE":
            yield context.finding(
                RULE,
                facts,
                f"This reads all rows of {each.relation} while nobody can write to it.",
                "Add the constraint NOT VALID, and VALIDATE CONSTRAINT in the next file.",
                relation=each.relation,
            )


def fix(facts: Facts, context: Context) -> str | None:  # noqa: ARG001 - the shape of every fix
    """Write NOT VALID behind a CHECK that is added."""
    if facts.node.text("subtype") != "C":
        return None
    text = facts.statement.text
    return f"{text} {keyword('not valid', text[:5])}"

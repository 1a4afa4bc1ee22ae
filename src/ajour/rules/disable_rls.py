"""Row level security is switched off for a table in use.

Finds
    `ALTER TABLE … DISABLE ROW LEVEL SECURITY`, unless a later statement switches it on again.

Why it hurts
    The policies stay, and nobody looks at them any more. Every role with rights on the table reads
    and changes all rows, in Supabase everybody on the internet.

Instead
    Write a policy for what was kept out by mistake. `service_role` and the table's owner are not
    held by policies: to mend data it need not be off.

When it is fine
    The table moves to a schema that is not served, or rights are taken away instead:
    `-- ajour: allow disable-rls <why>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Claim, Context, Doubt, Facts, Rule, commands
from ajour.sql.schema import Schema

RULE = Rule(
    "disable-rls",
    level="error",
    family="security",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each table whose row level security stays off."""
    for _ in commands(facts.node, "AT_DisableRowSecurity"):
        for table in facts.targets:
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"From now on the policies of {table} keep nobody out.",
                    "Leave it on, and write a policy for what is missing.",
                    at="disable",
                ),
                partial(_off, table),
            )


def _off(relation: Relation, end: Schema) -> bool:
    table = end.tables.get(relation)
    return table is not None and table.row_security is not True

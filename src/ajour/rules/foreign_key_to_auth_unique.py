"""A foreign key to a column of Supabase's auth tables that is not their key.

Finds
    `REFERENCES auth.users (phone)`, or any other column of a table in `auth` than `id`. Supabase's
    own linter counts it as 0021.

Why it hurts
    The key needs the unique constraint of that column, and Supabase's updates of auth change and
    drop those: then the update fails, and nobody can sign in.

Instead
    `REFERENCES auth.users (id)`, and look the other column up by it.

When it is fine
    Never on a hosted project. On a server of your own, with a version of auth that stays:
    `-- ajour: allow foreign-key-to-auth-unique <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule(
    "foreign-key-to-auth-unique",
    level="error",
    family="design",
    kinds=("AlterTableStmt", "CreateStmt"),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each key into auth that names another column than id."""
    for node in facts.node.walk():
        table = node.child("pktable") if node.kind == "Constraint" else None
        if table is None or table.text("schemaname") != "auth":
            continue
        columns = [each.text("sval") for each in node.children("pk_attrs")]
        if columns and columns != ["id"]:
            yield context.finding(
                RULE,
                facts,
                f"An update of auth may drop what this rests on: auth.{table.text('relname')}"
                f" ({', '.join(columns)}) is no primary key.",
                "Let it reference the column id.",
                at=table,
            )

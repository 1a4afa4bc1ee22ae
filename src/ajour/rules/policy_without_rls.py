"""A policy of a table on which row level security is off: it keeps nobody out.

Finds
    `CREATE POLICY` on a table that the files make, when no file switches row level security on
    for it. Supabase's own linter counts it as 0007.

Why it hurts
    The policy reads as if the rows were guarded. PostgreSQL does not look at it: whoever has rights
    on the table reads and changes all rows.

Instead
    `ALTER TABLE … ENABLE ROW LEVEL SECURITY`, in the same file.

When it is fine
    Something that the files do not show switches it on:
    `-- ajour: allow policy-without-rls <what>`.
"""

from collections.abc import Iterator

from ajour.rules._rule import Context, Doubt, Facts, Rule

RULE = Rule("policy-without-rls", level="error", family="security", kinds=("CreatePolicyStmt",))


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each policy whose table has no row level security after the last file."""
    table = facts.node.child("table")
    if table is None:
        return
    relation = context.schema.resolve(table)
    yield Doubt(
        context.finding(
            RULE,
            facts,
            f"This policy keeps nobody out: {relation} has row level security off.",
            f"ALTER TABLE {relation} ENABLE ROW LEVEL SECURITY.",
            at=table,
        ),
        lambda end: relation in end.tables and end.tables[relation].row_security is False,
    )

"""Row level security without a policy: nobody but the owner and `service_role` sees a row.

Finds
    `ENABLE ROW LEVEL SECURITY` of a table that has no policy after the last file. Supabase's own
    linter counts it as 0008.

Why it hurts
    Clients get no error and no rows. That is right for a table of the server alone, and a riddle
    for a table whose policies somebody forgot, or dropped.

Instead
    `CREATE POLICY`. For a table that no client may read, take the rights away as well, so that
    they get an error: `REVOKE ALL ON … FROM anon, authenticated`.

When it is fine
    Only `service_role` uses it: `-- ajour: allow rls-without-policy <who uses it>`.
"""

from collections.abc import Iterator

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule, commands
from ajour.sql.schema import Schema

RULE = Rule(
    "rls-without-policy",
    level="info",
    family="security",
    kinds=("AlterTableStmt",),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each table that is closed by having no policy in the end."""
    table = facts.node.child("relation")
    if table is None or next(commands(facts.node, "AT_EnableRowSecurity"), None) is None:
        return
    relation = context.schema.resolve(table)
    roles = frozenset(context.profile.api_roles)
    yield Doubt(
        context.finding(
            RULE,
            facts,
            f"No policy lets anybody see a row of {relation}.",
            "Write a policy, or take the rights from anon and authenticated as well.",
            at=table,
        ),
        lambda end: _bare(end, relation, roles),
    )


def _bare(end: Schema, relation: Relation, roles: frozenset[str]) -> bool:
    table = end.tables.get(relation)
    if table is None or not table.file or table.policies:
        return False
    return table.row_security is True and not roles <= table.closed

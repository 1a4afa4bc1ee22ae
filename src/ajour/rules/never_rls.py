"""A materialized view or foreign table in `public`, which can have no row level security.

Finds
    `CREATE MATERIALIZED VIEW` and `CREATE FOREIGN TABLE` in the schema `public`, or in what `[api]
    schemas` of `supabase/config.toml` names instead, unless the rights are taken from `anon` and
    `authenticated`. Supabase's own linter counts them as 0016 and 0017.

Why it hurts
    Supabase serves both to the internet, and there are no policies for them: everybody reads all
    rows, also what the policies of the tables below keep back.

Instead
    Make it in another schema, and a function or a view with `security_invoker` that shows each
    user their own. Or `REVOKE ALL ON … FROM anon, authenticated`.

When it is fine
    All of it is for everybody: `-- ajour: allow never-rls <what it shows>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.schema import Schema

RULE = Rule(
    "never-rls",
    level="warning",
    family="security",
    kinds=("CreateForeignTableStmt", "CreateTableAsStmt"),
    profile="supabase",
)

_KINDS = {"materialized view", "foreign table"}


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each one that is served in the end."""
    after = context.schema.after(facts.node, context.file.name)
    for relation in after.tables.keys() - context.schema.tables.keys():
        made = after.tables[relation]
        if made.kind in _KINDS and relation.schema in context.profile.api_schemas:
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"Everybody on the internet reads the {made.kind} {relation}.",
                    "Make it in another schema, or take the rights from anon and authenticated.",
                    at=relation.name,
                ),
                partial(_served, relation, frozenset(context.profile.api_roles)),
            )


def _served(relation: Relation, roles: frozenset[str], end: Schema) -> bool:
    made = end.tables.get(relation)
    return made is not None and not roles <= made.closed

"""A table in `public` that everybody reads and writes: row level security is off.

Finds
    A table that the files make in the schema `public`, and for which no file switches row level
    security on, or takes the rights from `anon` and `authenticated`. Where `[api]` in
    `supabase/config.toml` names other `schemas`, these are looked at instead, and there a table
    that some file grants to these roles or to `PUBLIC`. Supabase's own linter counts it as 0013.

Why it hurts
    Supabase serves these schemas to the internet. Whoever has the public key of the project,
    which is in every browser, reads, changes and deletes all rows.

Instead
    `ALTER TABLE … ENABLE ROW LEVEL SECURITY`, and policies that say who may do what. Also for a
    partition, which has an address of its own. What no client needs belongs in another schema.

When it is fine
    Everybody may read and write everything in it, or something that the files do not show switches
    it on: `-- ajour: allow rls-disabled-in-public <why>`.
"""

from collections.abc import Callable, Iterator

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.parse import Node
from ajour.sql.schema import Schema

RULE = Rule(
    "rls-disabled-in-public",
    level="error",
    family="security",
    kinds=(
        "AlterObjectSchemaStmt",
        "CreateStmt",
        "CreateTableAsStmt",
        "RenameStmt",
        "SelectStmt",
    ),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each table that comes to be in a served schema, and stays open to the last file."""
    if facts.kind == "SelectStmt" and not facts.node.has("into_clause"):
        return
    after = context.schema.after(facts.node, context.file.name)
    for table in after.tables.values():
        relation = table.relation
        is_table = table.kind in {"table", "partitioned table"}
        served = relation.schema in context.profile.api_schemas
        if is_table and served and relation not in context.schema.tables:
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"Everybody on the internet reads and writes {relation}.",
                    f"ALTER TABLE {relation} ENABLE ROW LEVEL SECURITY, and write policies.",
                    at=_named(facts.node) or relation.name,
                ),
                _open(relation, context.profile.api_roles),
            )


def _open(relation: Relation, roles: tuple[str, ...]) -> Callable[[Schema], bool]:
    """Return what tells whether a table is open to these roles in the end."""

    def stands(end: Schema) -> bool:
        table = end.tables.get(relation)
        return table is not None and table.row_security is False and not table.closed >= {*roles}

    return stands


def _named(node: Node) -> Node | None:
    return node.child("relation") if node.kind == "CreateStmt" else None

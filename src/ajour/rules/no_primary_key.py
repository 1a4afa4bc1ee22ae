"""A table without a primary key.

Finds
    `CREATE TABLE` of a table that has no primary key after the last file. Supabase's own linter
    counts it as 0004.

Why it hurts
    Two rows can be the same, and no statement can name one of them. Logical replication, and with
    it Realtime, refuses `UPDATE` and `DELETE`. The Table Editor of Supabase cannot change a row.

Instead
    `id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`; in a table that joins two others, a key
    over both columns.

When it is fine
    Rows are only added and read, such as in a log: `-- ajour: allow no-primary-key <why>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.schema import Schema

RULE = Rule(
    "no-primary-key", level="info", family="design", kinds=("CreateStmt",), profile="supabase"
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each table that has no key in the end."""
    named = facts.node.child("relation")
    if named is None or named.text("relpersistence") == "t":
        return
    after = context.schema.after(facts.node, context.file.name)
    relation = after.resolve(named)
    if relation not in context.schema.tables:
        yield Doubt(
            context.finding(
                RULE,
                facts,
                f"No statement can name one row of {relation}.",
                "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY.",
                at=named,
            ),
            partial(_keyless, relation),
        )


def _keyless(relation: Relation, end: Schema) -> bool:
    table = end.tables.get(relation)
    if table is None or not table.whole or table.parents or table.kind == "foreign table":
        return False
    return not any(each.kind == "primary key" for each in table.constraints)

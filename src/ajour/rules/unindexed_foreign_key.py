"""A foreign key whose columns no index begins with.

Finds
    A foreign key, in `CREATE TABLE` or `ALTER TABLE`, for which no index is there after the last
    file. Supabase's own linter counts it as 0001.

Why it hurts
    For each row that is deleted in the other table, or whose key changes, PostgreSQL reads all of
    this one to see who points to it. Deleting a user takes seconds, then minutes. Joins and
    policies that go along the key read all of it too.

Instead
    `CREATE INDEX` on the columns of the key, in the file that makes the table; `CONCURRENTLY` in a
    file of its own when the table has rows.

When it is fine
    The table stays small, or nobody deletes in the other one:
    `-- ajour: allow unindexed-foreign-key <why>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule, commands
from ajour.sql.schema import Schema
from ajour.sql.tables import Constraint

RULE = Rule(
    "unindexed-foreign-key",
    level="info",
    family="design",
    kinds=("AlterTableStmt", "CreateStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each new foreign key that has no index in the end."""
    adds = ("AT_AddColumn", "AT_AddConstraint")
    named = facts.node.child("relation")
    if named is None or (facts.kind == "AlterTableStmt" and not [*commands(facts.node, *adds)]):
        return
    relation = context.schema.resolve(named)
    there = context.schema.tables.get(relation)
    before = there.constraints if there else ()
    after = context.schema.after(facts.node, context.file.name).tables.get(relation)
    for key in after.constraints if after else ():
        if key.kind == "foreign key" and key.columns and key not in before:
            shown = ", ".join(key.columns)
            yield Doubt(
                context.finding(
                    RULE,
                    facts,
                    f"No index of {relation} begins with {shown}, the key to {key.references}.",
                    f"CREATE INDEX ON {relation} ({shown}).",
                    at=key.columns[0],
                ),
                partial(_bare, relation, key),
            )


def _bare(relation: Relation, key: Constraint, end: Schema) -> bool:
    table = end.tables.get(relation)
    if table is None or not any(
        each.kind == "foreign key" and each.columns == key.columns for each in table.constraints
    ):
        return False
    width = len(key.columns)
    return not any(
        {*each.keys[:width]} == {*key.columns} and not each.partial
        for each in end.indexes_of(relation)
    )

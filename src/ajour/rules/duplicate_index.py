"""An index on columns that have one already.

Finds
    `CREATE INDEX` on the same columns in the same order as an index that is there and is not
    dropped later. Supabase's own linter counts it as 0009. Often it is an index on a column that is
    `UNIQUE` or the primary key, which has one by itself.

Why it hurts
    Every write keeps both up to date, and both take room on the disk and in memory. Queries use one
    of them.

Instead
    Leave it out. Where a unique one takes the place of another, drop the other in a later file.

When it is fine
    It takes the other's place: `-- ajour: allow duplicate-index <when the other goes>`.
"""

from collections.abc import Iterator
from functools import partial

from ajour.model import Relation
from ajour.rules._rule import Context, Doubt, Facts, Rule
from ajour.sql.schema import Schema
from ajour.sql.tables import Index

RULE = Rule(
    "duplicate-index",
    level="warning",
    family="design",
    kinds=("IndexStmt",),
)


def check(facts: Facts, context: Context) -> Iterator[Doubt]:
    """Find each index that says what another one says."""
    named = facts.node.child("relation")
    if named is None:
        return
    relation = context.schema.resolve(named)
    new = context.schema.after(facts.node, context.file.name).indexes_of(relation)
    before = context.schema.indexes_of(relation)
    for index in new:
        there = index.relation in context.schema.indexes
        if there or index.expressions or index.partial or not index.plain:
            continue
        for other in before:
            if _same(index, other):
                yield Doubt(
                    context.finding(
                        RULE,
                        facts,
                        f"{other.relation.name} is on the same columns of {relation}.",
                        "Leave it out.",
                        at=index.keys[0],
                    ),
                    partial(_both, index.relation, other.relation),
                )
                break


def _same(index: Index, other: Index) -> bool:
    """Tell whether the other does all that the index does."""
    if other.expressions or other.partial or not other.plain or (index.unique and not other.unique):
        return False
    return index.keys == other.keys and {*index.columns} <= {*other.columns}


def _both(index: Relation, other: Relation, end: Schema) -> bool:
    return index in end.indexes and other in end.indexes

"""DROP COLUMN of a table that is in use.

Finds
    `ALTER TABLE … DROP COLUMN`, with or without `IF EXISTS`.

Why it hurts
    The values are gone when the transaction commits. Without a word PostgreSQL drops with it every
    index that has the column in a key, an expression or a condition, unique constraints and checks
    over several columns, statistics, comments and the grants on it, and a sequence that it owns.
    Clients that still name the column fail at once.

Instead
    First release: no client reads or writes the column any more; drop its `NOT NULL`. Second:
    rename it to `_dropped_…`. Later, after a backup, drop it.

When it is fine
    No client uses it and its values are kept, or worth nothing:
    `-- ajour: allow drop-column <why nobody misses it>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Claim, Context, Facts, Rule, commands

RULE = Rule(
    "drop-column",
    level="error",
    family="destructive",
    kinds=("AlterTableStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each column that is dropped."""
    for command in commands(facts.node, "AT_DropColumn"):
        for table in facts.targets:
            name = command.text("name")
            along = _along(name, table, context)
            yield context.finding(
                RULE,
                facts,
                f"This drops the column {name} of {table} with all its values{along}.",
                "Stop using it, rename it, and drop it in a later release, after a backup.",
                at=name,
            )


def _along(name: str, table: Relation, context: Context) -> str:
    """Return which indexes go along with the column, as far as the files tell."""
    indexes = [each for each in context.schema.indexes_of(table) if name in each.columns]
    names = ", ".join(sorted(each.relation.name for each in indexes))
    noun = "index" if len(indexes) == 1 else "indexes"
    return f", and the {noun} {names}" if indexes else ""

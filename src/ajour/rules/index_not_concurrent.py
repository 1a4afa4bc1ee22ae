"""CREATE INDEX that lets nobody write until it is built.

Finds
    `CREATE INDEX` and `CREATE UNIQUE INDEX` without `CONCURRENTLY`, on a table that was there
    before the file.

Why it hurts
    All rows are read and sorted while every INSERT, UPDATE and DELETE on the table waits: seconds
    for a million rows, minutes for a hundred million. In a file with more statements, they wait
    until the last of them is done.

Instead
    `CREATE INDEX CONCURRENTLY`, in a file of its own: it cannot run in a transaction. If it fails
    it leaves an invalid index, which ajour drops and builds again. Of a partitioned table:
    `CREATE INDEX … ON ONLY` the parent, one index `CONCURRENTLY` on each partition, and then
    `ALTER INDEX … ATTACH PARTITION`.

When it is fine
    The table is small, or nobody writes to it meanwhile:
    `-- ajour: allow index-not-concurrent <how many rows there are>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Claim, Context, Facts, Rule, keyword
from ajour.sql.tables import TableKind

RULE = Rule(
    "index-not-concurrent",
    level="warning",
    family="locks",
    kinds=("IndexStmt",),
    claim=Claim("SHARE", scans=True, builds=True),
)

_CREATE = re.compile(r"create\s+(?:unique\s+)?index\b", re.IGNORECASE)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find an index that is built under a lock against writing."""
    if facts.node.flag("concurrent") or not any(each.builds for each in facts.in_use):
        return
    for table in facts.targets:
        if _kind(facts, table) == "materialized view":
            continue  # nobody writes to it but REFRESH
        if _kind(facts, table) == "partitioned table":
            help_ = "CREATE INDEX ON ONLY it, one CONCURRENTLY on each partition, then attach them."
        else:
            help_ = "CREATE INDEX CONCURRENTLY, in a file of its own."
        yield context.finding(
            RULE,
            facts,
            f"While this index is built, nobody can write to {table}.",
            help_,
            at=table.name,
        )


def fix(facts: Facts, context: Context) -> str | None:
    """Write CONCURRENTLY, where that does not tear the file apart."""
    text = facts.statement.text
    created = _CREATE.match(text)
    if created is None or not context.may_run_alone:
        return None
    if any(_kind(facts, table) == "partitioned table" for table in facts.targets):
        return None
    word = keyword("concurrently", created[0])
    return f"{text[: created.end()]} {word}{text[created.end() :]}"


def _kind(facts: Facts, relation: Relation) -> TableKind | None:
    table = facts.schema.tables.get(relation)
    return table.kind if table else None

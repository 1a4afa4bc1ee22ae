"""An UPDATE or DELETE of many rows in one go.

Finds
    `UPDATE` and `DELETE` with a condition that many rows may meet, on a table that was there before
    the file. Rows that are named by values are not meant, nor what stands behind a lock: that is
    `work-after-lock`.

Why it hurts
    Every row that is changed stays locked until the transaction commits, and clients that want to
    change it wait. The old rows stay in the table until VACUUM has been there; replicas fall
    behind.

Instead
    Some thousand rows at a time, each batch in a transaction of its own: by ranges of the key, from
    a program or pg_cron, or in a procedure that commits.

When it is fine
    There are some ten thousand rows at most:
    `-- ajour: allow backfill-unbatched <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, always_true, picks_rows
from ajour.sql.parse import Node

RULE = Rule(
    "backfill-unbatched",
    level="info",
    family="locks",
    kinds=("UpdateStmt", "DeleteStmt"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a change of rows that nothing limits."""
    node = facts.node
    scanned = {each.relation for each in facts.in_use if each.scans}
    if picks_rows(node) or any(True for _ in context.held(facts)):
        return
    for table in facts.targets:
        if table in scanned and not _means_all(node):
            yield context.finding(
                RULE,
                facts,
                f"All rows of {table} that this means stay locked until the file is done.",
                "Change some thousand rows at a time, each batch in its own transaction.",
                at=table.name,
            )


def _means_all(node: Node) -> bool:
    """Tell whether this leaves no row out: other rules are about that."""
    tables = "using_clause" if node.kind == "DeleteStmt" else "from_clause"
    return always_true(node.child("where_clause")) and not node.has(tables)

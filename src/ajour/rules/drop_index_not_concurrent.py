"""DROP INDEX that waits, and lets nobody else pass.

Finds
    `DROP INDEX` without `CONCURRENTLY`, of an index on a table that was there before the file, and
    that the transaction has not locked anyway.

Why it hurts
    It is done in no time, but needs the table for itself. Behind a long query it waits, and every
    query that comes after waits behind it. In a file with more statements, the table stays locked
    until the last of them is done.

Instead
    `DROP INDEX CONCURRENTLY`, in a file of its own: it cannot run in a transaction.

When it is fine
    No query on the table takes long: `-- ajour: allow drop-index-not-concurrent <why>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, keyword

RULE = Rule(
    "drop-index-not-concurrent",
    level="info",
    family="locks",
    kinds=("DropStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)

_DROP = re.compile(r"drop\s+index\b", re.IGNORECASE)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each index whose table is locked against everybody."""
    node = facts.node
    if node.text("remove_type") != "OBJECT_INDEX" or node.flag("concurrent"):
        return
    for index in facts.targets:
        known = facts.schema.indexes.get(index)
        locked = [each.relation for _, each in context.held(facts)]
        if known.table in locked if known else node.flag("missing_ok"):
            continue
        yield context.finding(
            RULE,
            facts,
            f"This locks {known.table if known else 'the table'} against reading and writing.",
            "DROP INDEX CONCURRENTLY, in a file of its own.",
            at=index.name,
            relation=known.table if known else None,
        )


def fix(facts: Facts, context: Context) -> str | None:
    """Write CONCURRENTLY, where that does not tear the file apart, nor the server refuses it."""
    text, node = facts.statement.text, facts.node
    dropped = _DROP.match(text)
    several = len(node.children("objects")) > 1 or node.text("behavior") == "DROP_CASCADE"
    known = [facts.schema.indexes.get(index) for index in facts.targets]
    tables = [facts.schema.tables.get(index.table) for index in known if index]
    partitioned = any(table is None or table.kind == "partitioned table" for table in tables)
    if dropped is None or several or partitioned or not tables or not context.may_run_alone:
        return None
    word = keyword("concurrently", dropped[0])
    return f"{text[: dropped.end()]} {word}{text[dropped.end() :]}"

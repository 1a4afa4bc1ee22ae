"""REINDEX that lets nobody write until the indexes are built.

Finds
    `REINDEX` of an index, a table, a schema or a database without `CONCURRENTLY`.

Why it hurts
    While an index is built anew, nobody can write to its table, and no query can use that index;
    most of them wait even to be planned.

Instead
    `REINDEX INDEX CONCURRENTLY` or `REINDEX TABLE CONCURRENTLY`: both builds stand beside each
    other for a while, so that there has to be room for them. After an upgrade of the operating
    system or of PostgreSQL that is work for an evening, not for a migration.

When it is fine
    The table is small, or nobody is connected: `-- ajour: allow reindex-not-concurrent <why>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, keyword

RULE = Rule(
    "reindex-not-concurrent",
    level="warning",
    family="locks",
    kinds=("ReindexStmt",),
    claim=Claim("SHARE", scans=True, builds=True),
)

_REINDEX = re.compile(
    r"reindex\s*(?:\([^)]*\)\s*)?(?P<what>index|table|schema|database)\b", re.IGNORECASE
)
_ON = (None, "true", "on", "1")


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find indexes that are built anew under a lock against writing."""
    if facts.node.options("params").get("concurrently", "false") in _ON:
        return
    built = [each for each in facts.in_use if each.builds]
    if built:
        relations = [each.relation for each in built]
        single = relations[0] if len(relations) == 1 else None
        yield context.finding(
            RULE,
            facts,
            f"While it builds, nobody can write to {single or 'the table'}.",
            "REINDEX … CONCURRENTLY, in a file of its own.",
            relation=single,
        )


def fix(facts: Facts, context: Context) -> str | None:
    """Write CONCURRENTLY, where that does not tear the file apart."""
    text = facts.statement.text
    begins = _REINDEX.match(text)
    if begins is None or not context.may_run_alone:
        return None
    word = keyword("concurrently", begins["what"])
    return f"{text[: begins.end()]} {word}{text[begins.end() :]}"

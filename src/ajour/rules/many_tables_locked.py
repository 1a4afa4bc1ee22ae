"""Many tables that one transaction locks one after another.

Finds
    A transaction that locks four or more tables against reading and writing, which were there
    before the file. It is told once, at the statement that locks the fourth.

Why it hurts
    The first table stays locked while the last one is waited for: behind one long query on the
    last, everybody waits for all of them. A client that uses two of them in the other order makes a
    deadlock, and one of both is ended.

Instead
    A file for each table, or for a few that nobody uses much.

When it is fine
    Nobody is connected, or all tables are little used: `-- ajour: allow many-tables-locked <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Rule

RULE = Rule("many-tables-locked", level="info", family="locks")

_MANY = 4


def check_file(context: Context) -> Iterator[Finding]:
    """Find in each transaction the statement that makes it many."""
    locked: dict[int, dict[Relation, None]] = {}
    for facts in context.before:
        tables = locked.setdefault(facts.step, {})
        had = len(tables)
        for each in facts.kept:
            if each.relation and each.lock == "ACCESS EXCLUSIVE" and each.certain:
                tables[each.relation] = None
        if had < _MANY <= len(tables):
            names = ", ".join(map(str, tables))
            yield context.finding(
                RULE,
                facts,
                f"Until the transaction ends, nobody can use {names}.",
                "A file for each table, so that none of them waits for another.",
            )

"""LOCK TABLE that keeps others away until the transaction commits.

Finds
    `LOCK` of a table that was there before the file, in a mode that others wait for: `SHARE` and
    stronger. Without a mode it is `ACCESS EXCLUSIVE`, against everybody.

Why it hurts
    The lock is kept until the file is done, also where the statements behind it need less. While
    it waits for a long query, everybody waits behind it.

Instead
    Leave the locks to the statements. Where rows must not change meanwhile, lock these rows with
    `SELECT … FOR UPDATE`.

When it is fine
    Several tables have to stay as they are until all is copied, and that is fast:
    `-- ajour: allow lock-table <how long it takes>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("lock-table", level="warning", family="locks", kinds=("LockStmt",))

_KEEPS_OUT = {
    "SHARE": "write to",
    "SHARE ROW EXCLUSIVE": "write to",
    "EXCLUSIVE": "write to",
    "ACCESS EXCLUSIVE": "read or write",
}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each table that others wait for."""
    for each in facts.in_use:
        if each.relation in facts.targets and each.lock in _KEEPS_OUT:
            yield context.finding(
                RULE,
                facts,
                f"Until the file is done, nobody else can {_KEEPS_OUT[each.lock]} {each.relation}.",
                "Leave locks to the statements that need them.",
                at=each.relation.name if each.relation else None,
                relation=each.relation,
            )

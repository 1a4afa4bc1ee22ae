"""Long work in a transaction that keeps a table locked.

Finds
    `UPDATE`, `DELETE`, `INSERT … SELECT`, `MERGE`, `CREATE INDEX` and `CREATE TABLE AS` over many
    rows, behind a statement of the same transaction that locked a table against others. It is told
    once for each transaction, at the first of them.

Why it hurts
    `ALTER TABLE` is done in no time as a rule, but its lock is kept until the transaction commits.
    With an hour of work behind it, nobody can use the table for an hour.

Instead
    Put the work into the next file, and change of a large table some thousand rows at a time.

When it is fine
    There are few rows: `-- ajour: allow work-after-lock <how many rows there are>`.
"""

from collections.abc import Iterator

from ajour.effects import Effect
from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, picks_rows

RULE = Rule("work-after-lock", level="warning", family="locks")

_WORK = {
    *("UpdateStmt", "DeleteStmt", "InsertStmt", "MergeStmt"),
    *("IndexStmt", "CreateTableAsStmt", "RefreshMatViewStmt"),
}


def check_file(context: Context) -> Iterator[Finding]:
    """Find in each transaction the first long work that happens under an older lock."""
    held: dict[int, tuple[int, Effect]] = {}
    told: set[int] = set()
    for facts in context.before:
        if facts.step in told:
            continue
        if facts.step not in held:
            locked = next((each for each in facts.kept if _keeps_out(each)), None)
            if locked is not None:
                held[facts.step] = facts.statement.line, locked
            continue
        work = _work(facts)
        if work is not None:
            told.add(facts.step)
            line, locked = held[facts.step]
            yield context.finding(
                RULE,
                facts,
                f"Until this is done, nobody can use {locked.relation}, which line {line} has"
                " locked.",
                "Put it into the next file, and change a large table some thousand rows at a time.",
                relation=work.relation,
            )


def _work(facts: Facts) -> Effect | None:
    """Return what reads or builds a table, where that may take long."""
    if facts.kind not in _WORK or picks_rows(facts.node):
        return None
    found = (each for each in facts.in_use if each.scans or each.builds or each.rewrites)
    return next((each for each in found if each.relation is not None), None)


def _keeps_out(effect: Effect) -> bool:
    return effect.lock == "ACCESS EXCLUSIVE" and effect.certain

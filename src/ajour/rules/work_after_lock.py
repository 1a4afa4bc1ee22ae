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

from ajour.model import Effect, Finding
from ajour.rules._rule import Context, Facts, Rule, picks_rows

RULE = Rule("work-after-lock", level="warning", family="locks")

_WORK = {
    *("UpdateStmt", "DeleteStmt", "InsertStmt", "MergeStmt"),
    *("IndexStmt", "CreateTableAsStmt", "RefreshMatViewStmt"),
}


def check_file(context: Context) -> Iterator[Finding]:
    """Find in each transaction the first long work that happens under an older lock."""
    told: set[int] = set()
    for facts in context.before:
        if facts.kind not in _WORK or facts.step in told or picks_rows(facts.node):
            continue
        work = _work(facts, context)
        held = next((each for each in context.held(facts) if _keeps_out(each[1])), None)
        if work is not None and held is not None:
            told.add(facts.step)
            earlier, effect = held
            yield context.finding(
                RULE,
                facts,
                f"Until this is done, nobody can use {effect.relation}, which line"
                f" {earlier.statement.line} has locked.",
                "Put it into the next file, and change a large table some thousand rows at a time.",
                relation=work.relation,
            )


def _work(facts: Facts, context: Context) -> Effect | None:
    """Return what reads or builds the most, as far as it is known."""
    found = (each for each in context.in_use(facts) if each.scans or each.builds or each.rewrites)
    return next((each for each in found if each.relation is not None), None)


def _keeps_out(effect: Effect) -> bool:
    return effect.lock == "ACCESS EXCLUSIVE" and effect.certain

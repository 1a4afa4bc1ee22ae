"""REFRESH MATERIALIZED VIEW that lets nobody read until it is done.

Finds
    `REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`, of a view that was there before the file.

Why it hurts
    The query runs and its result is written while everybody who wants to read the view waits.

Instead
    `REFRESH MATERIALIZED VIEW CONCURRENTLY`: it needs a unique index on columns of the view, with
    no condition, and may run in a transaction. Regular refreshes are work for pg_cron or the like.

When it is fine
    The query is fast, or nobody reads the view yet:
    `-- ajour: allow refresh-not-concurrent <how long it takes>`.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, keyword

RULE = Rule(
    "refresh-not-concurrent",
    level="warning",
    family="locks",
    kinds=("RefreshMatViewStmt",),
    claim=Claim("ACCESS EXCLUSIVE", rewrites=True),
)

_REFRESH = re.compile(r"refresh\s+materialized\s+view\b", re.IGNORECASE)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a view that is made anew while nobody can read it."""
    node = facts.node
    for view in () if node.flag("concurrent") or node.flag("skip_data") else facts.targets:
        help_ = "REFRESH MATERIALIZED VIEW CONCURRENTLY"
        if not _has_key(facts):
            help_ += ", which needs a unique index on columns of the view"
        yield context.finding(
            RULE, facts, f"Until this is done, nobody can read {view}.", f"{help_}.", at=view.name
        )


def fix(facts: Facts, context: Context) -> str | None:  # noqa: ARG001 - the shape of every fix
    """Write CONCURRENTLY, where the view is known to be filled and to have such an index."""
    text = facts.statement.text
    begins = _REFRESH.match(text)
    if begins is None or not _has_key(facts):
        return None
    word = keyword("concurrently", begins[0])
    return f"{text[: begins.end()]} {word}{text[begins.end() :]}"


def _has_key(facts: Facts) -> bool:
    """Tell whether the view has what CONCURRENTLY asks for."""
    tables = [facts.schema.tables.get(view) for view in facts.targets]
    return any(
        index.unique and not index.partial and not index.expressions
        for table in tables
        if table and table.populated
        for index in facts.schema.indexes_of(table.relation)
    )

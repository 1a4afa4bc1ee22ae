"""A DO block runs what no reader of the file can see.

Finds
    An `EXECUTE` in a DO block whose text is put together from what is known only when it runs, so
    that no statement can be read from it; a DO block that cannot be read at all. `format()`, `||`
    and variables that are set once are followed, and a name that is missing does no harm: `EXECUTE
    format('DROP TABLE %I', t)` is a `drop-table`.

Why it hurts
    No rule looks at it: it may drop, lock or open anything. It also does something else on each
    database, depending on what is there.

Instead
    Write the statements into the file. Where there are many, let a query write them, and put what
    it wrote into the file.

When it is fine
    You know what it runs: `-- ajour: allow unseen-execute <what it does>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("unseen-execute", level="info", family="runner", kinds=("DoStmt",))

_SHOWN = 60
"""Characters of what it begins with."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what of a DO block cannot be read."""
    for each in facts.part.unseen:
        message = "What this runs cannot be seen here, so no rule has looked at it."
        if each.begins:
            start = " ".join(each.begins.split())[:_SHOWN]
            message = f"What this runs is known only in part, so no rule has looked at it: {start}."
        yield context.finding(
            RULE,
            facts,
            message,
            "Write the statements into the file.",
            at=each.offset,
        )

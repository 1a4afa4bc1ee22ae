"""CREATE OR REPLACE FUNCTION with another shape, which PostgreSQL refuses.

Finds
    A replacement of a function that returns another type, gives an argument another name, or takes
    a default away. The earlier one has to stand in the migrations.

Why it hurts
    The migration fails: "cannot change return type of existing function", "cannot change name of
    input parameter", "cannot remove parameter defaults".

Instead
    `DROP FUNCTION` and `CREATE FUNCTION` in the same file, with the rights again below it. Or a new
    name, so that the clients can change over.

When it is fine
    The earlier function was dropped in a way that the files do not show:
    `-- ajour: allow replace-other-shape <how>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.guard import Routine

RULE = Rule("replace-other-shape", level="error", family="data", kinds=("CreateFunctionStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what cannot be replaced."""
    new = facts.routine
    if not facts.node.flag("replace") or any(map(_drops, context.before)):
        return
    for old in context.schema.routines.get(new.name, ()):
        what = _other(old, new) if old.arguments == new.arguments else None
        if what:
            yield context.finding(
                RULE,
                facts,
                f"PostgreSQL refuses to replace {new.name}: {what}.",
                "Drop it and create it in the same file, with its rights.",
                at=new.name.name,
            )


def _other(old: Routine, new: Routine) -> str | None:
    if old.returns != new.returns:
        return f"it returns {new.returns or 'nothing'}, and returned {old.returns or 'nothing'}"
    for before, after in zip(old.parameters, new.parameters, strict=True):
        if before and before != after:
            return f"its argument {before} is called {after or 'nothing'}"
    return "an argument has no default any more" if new.required > old.required else None


def _drops(facts: Facts) -> bool:
    """Tell whether a DO block may have dropped the function."""
    return facts.kind == "DoStmt" and "drop" in facts.statement.text.lower()

"""CREATE OR REPLACE FUNCTION that drops SECURITY DEFINER or SET search_path without a word.

Finds
    A replacement of a function that an earlier file made `SECURITY DEFINER`, or gave a
    `search_path`, when it is not written again.

Why it hurts
    PostgreSQL takes all but the rights to call it from the new text. Without `SECURITY DEFINER` the
    function fails, or sees no rows, for every client. Without `search_path` it looks names up
    wherever its caller says, with its owner's rights.

Instead
    Write both again in the replacement.

When it is fine
    It is meant to run with the caller's rights from now on:
    `-- ajour: allow replace-loses-rights <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule(
    "replace-loses-rights",
    level="error",
    family="security",
    kinds=("CreateFunctionStmt",),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what the function before had, and the new text does not say."""
    new = facts.routine
    for old in context.schema.routines.get(new.name, ()):
        if old.arguments != new.arguments or old.file == context.file.name:
            continue
        lost = ["SECURITY DEFINER"] if old.definer and not new.definer else []
        lost += ["SET search_path"] if old.path and not new.path else []
        if lost and facts.node.flag("replace"):
            yield context.finding(
                RULE,
                facts,
                f"Replaced, {new.name} loses {' and '.join(lost)}.",
                "Write it again, or it is gone.",
                at=new.name.name,
            )

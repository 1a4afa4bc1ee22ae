"""DROP SEQUENCE, which forgets where it stood.

Finds
    `DROP SEQUENCE` of a sequence that the same file did not create.

Why it hurts
    Where it stood is forgotten. A new one of the same name begins at 1 and gives numbers that were
    given before. A default that calls it keeps the statement from running, or goes with `CASCADE`.

Instead
    Keep it. If it moves to another table: `ALTER SEQUENCE … OWNED BY`.

When it is fine
    No number of it is in use: `-- ajour: allow drop-sequence <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule

RULE = Rule(
    "drop-sequence",
    level="error",
    family="destructive",
    kinds=("DropStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each sequence that is dropped."""
    if facts.node.text("remove_type") == "OBJECT_SEQUENCE":
        for sequence in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This drops the sequence {sequence}, and where it stood.",
                "Keep it, or give it to another column: ALTER SEQUENCE … OWNED BY.",
                at=sequence.name,
            )

"""A constraint in use gets another name.

Finds
    `ALTER TABLE … RENAME CONSTRAINT` on a table that the same file did not create.

Why it hurts
    `INSERT … ON CONFLICT ON CONSTRAINT <name>` fails from the commit on. The API of Supabase takes
    the name of a foreign key as a hint where there are several, as in
    `users!orders_buyer_fkey(*)`, and fails too. Clients that tell errors apart by
    the constraint's name no longer do.

Instead
    Leave the name: only people see that it is an old one.

When it is fine
    No client says the name: `-- ajour: allow rename-constraint <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule

RULE = Rule(
    "rename-constraint",
    level="info",
    family="breaking",
    kinds=("RenameStmt",),
    claim=Claim("ACCESS EXCLUSIVE"),
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each constraint that clients may know by its old name."""
    if facts.node.text("rename_type") != "OBJECT_TABCONSTRAINT":
        return
    old = facts.node.text("subname")
    for relation in facts.targets:
        yield context.finding(
            RULE,
            facts,
            f"Clients that say the constraint {old} of {relation} fail from now on.",
            "Leave the name as it is.",
            at=old,
        )

"""A value of an enum in use gets another name.

Finds
    `ALTER TYPE … RENAME VALUE`, unless the same file made the type.

Why it hurts
    Clients that write or ask for the old value fail with "invalid input value for enum", those that
    read get one that they do not know. Bodies of functions with the old value fail when called.

Instead
    Add the new value, let the clients understand both, move the rows over, and leave the old value
    unused: it takes no room.

When it is fine
    No client knows the value yet: `-- ajour: allow rename-enum-value <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, dotted

RULE = Rule("rename-enum-value", level="error", family="breaking", kinds=("AlterEnumStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each value that clients may still say."""
    old, name = facts.node.text("old_val"), facts.node.children("type_name")
    made = {
        dotted(each.node.children("type_name"))
        for each in context.before
        if each.kind == "CreateEnumStmt"
    }
    if old and dotted(name) not in made:
        yield context.finding(
            RULE,
            facts,
            f"Clients that say {old!r} of {dotted(name)} fail from now on.",
            "Add the new value, and leave the old one unused.",
            at=old,
        )

"""Triggers that are turned off: foreign keys are checked by triggers.

Finds
    `ALTER TABLE … DISABLE TRIGGER`, of one or of all, and `SET session_replication_role`.

Why it hurts
    What the triggers do is not done: with `ALL`, and with `session_replication_role = replica`, no
    foreign key is looked at, and rows without their parent come in. Nothing looks at them later.
    `DISABLE` holds for every session until `ENABLE`, also when the file forgets it.

Instead
    Insert in the order of the foreign keys, or make them `DEFERRABLE` and check them at the end.
    For a foreign key on rows that are there: `NOT VALID`, then `VALIDATE CONSTRAINT`.

When it is fine
    One trigger of your own, which is turned on again in the same file:
    `-- ajour: allow disable-trigger <which, and why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule, commands

RULE = Rule(
    "disable-trigger",
    level="error",
    family="destructive",
    kinds=("AlterTableStmt", "VariableSetStmt"),
)

_DISABLED = {
    "AT_DisableTrig": "the trigger {name}",
    "AT_DisableTrigAll": "all triggers, those of foreign keys included",
    "AT_DisableTrigUser": "all triggers that users made",
}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what turns triggers off."""
    node = facts.node
    if node.kind == "VariableSetStmt":
        if node.text("name") == "session_replication_role" and _turns_off(facts):
            yield context.finding(
                RULE,
                facts,
                "This turns off all triggers of this session, those of foreign keys included.",
                "Insert in the order of the foreign keys, or make them DEFERRABLE.",
            )
        return
    for command in commands(node, *_DISABLED):
        which = _DISABLED[command.text("subtype")].format(name=command.text("name"))
        for table in facts.targets:
            yield context.finding(
                RULE,
                facts,
                f"This turns off {which} of {table}, for every session.",
                "Leave them on; for foreign keys use NOT VALID and VALIDATE CONSTRAINT.",
                at="disable",
            )


def _turns_off(facts: Facts) -> bool:
    values = [each.child("sval") for each in facts.node.children("args")]
    return any(value is not None and value.text("sval") == "replica" for value in values)

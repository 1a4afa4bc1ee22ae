"""A trigger on a table that is in use: from now on it takes part in what clients do.

Finds
    `CREATE TRIGGER` on a table that was there before the file. One that replaces another, or that
    the file has dropped before, is not new.

Why it hurts
    What running clients write goes through the function from this moment. Where it raises an
    error, they are refused: a faulty trigger on `auth.users` stops every sign-up. The statement
    itself waits for all that write to the table, and those that come later wait for it.

Instead
    Try the function on the rows that are there, in a rehearsal or a test, before the trigger calls
    it.

When it is fine
    The function cannot fail, or was tried: `-- ajour: allow new-trigger <what was tried>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Facts, Rule, dotted

RULE = Rule(
    "new-trigger",
    level="info",
    family="breaking",
    kinds=("CreateTrigStmt",),
    claim=Claim("SHARE ROW EXCLUSIVE"),
)

_EVENTS = {1 << 2: "INSERT", 1 << 3: "DELETE", 1 << 4: "UPDATE", 1 << 5: "TRUNCATE"}
"""As pg_trigger.h has them."""


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each trigger on a table in use."""
    name = facts.node.text("trigname")
    if facts.node.flag("replace") or _dropped(name, facts, context):
        return
    events = int(facts.node.text("events"))
    does = ", ".join(event for bit, event in _EVENTS.items() if events & bit)
    for table in facts.targets:
        function = dotted(facts.node.children("funcname"))
        yield context.finding(
            RULE,
            facts,
            f"From now on {does} on {table} runs {function}, and fails where that does.",
            "Try the function on rows like those that are there.",
            at=name,
        )


def _dropped(name: str, facts: Facts, context: Context) -> bool:
    """Tell whether the file has dropped the trigger before."""
    return any(
        each.kind == "DropStmt"
        and each.node.text("remove_type") == "OBJECT_TRIGGER"
        and {*facts.targets} & {*each.targets}
        and any(
            one.children("items")[-1].text("sval") == name for one in each.node.children("objects")
        )
        for each in context.before
    )

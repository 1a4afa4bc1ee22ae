"""A function in use is dropped, and does not come back with the same arguments.

Finds
    `DROP FUNCTION`, `DROP PROCEDURE` and `DROP ROUTINE`, unless the file makes it again with the
    same arguments. Trigger functions are none: no client calls them.

Why it hurts
    Clients that call it fail from the commit on: the release that still runs during the deploy, and
    through the API every `rpc()` by its name. Functions that call it fail when they are called.

Instead
    Let the new one stand beside it under another name, let the clients change over, and drop the
    old one in a later release.

When it is fine
    No client calls it: `-- ajour: allow drop-function <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.learn_guard import routine_named
from ajour.sql.parse import Node

RULE = Rule("drop-function", level="warning", family="breaking")

_FUNCTIONS = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


def check_file(context: Context) -> Iterator[Finding]:
    """Find each function that is not there after the file."""
    for facts in context.before:
        if facts.kind == "DropStmt" and facts.node.text("remove_type") in _FUNCTIONS:
            for each in facts.node.children("objects"):
                name = _gone(each, facts, context)
                if name is not None:
                    other = name in context.schema.routines
                    yield context.finding(
                        RULE,
                        facts,
                        f"Clients that call {name}{' with the old arguments' if other else ''}"
                        " fail from now on.",
                        "Let the new one stand beside it until nobody calls the old one.",
                        at=name.name,
                    )


def _gone(named: Node, facts: Facts, context: Context) -> Relation | None:
    """Return the name of a function that clients may miss."""
    old = routine_named(facts.schema, named)
    name = old.name if old else facts.schema.find_type(named.children("objname"))
    now = context.schema.routines.get(name, ())
    if old is None:  # not made by the files: with IF EXISTS it may not be there at all
        return None if facts.node.flag("missing_ok") or now else name
    if old.returns in {"trigger", "event_trigger"} or old.file == context.file.name:
        return None
    return None if any(each.arguments == old.arguments for each in now) else name

"""A view in use is dropped, and does not come back.

Finds
    `DROP VIEW` and `DROP MATERIALIZED VIEW`, unless the file makes it again.

Why it hurts
    Clients that read it fail from the commit on, and so do functions when they are called. The
    rights that were granted on it are gone.

Instead
    Let the clients change over first, and drop it in a later release.

When it is fine
    No client reads it: `-- ajour: allow drop-view <how that was seen>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Rule

RULE = Rule("drop-view", level="warning", family="breaking")


def check_file(context: Context) -> Iterator[Finding]:
    """Find each view that is not there after the file."""
    for facts in context.before:
        if facts.kind != "DropStmt" or facts.node.text("remove_type") not in {
            "OBJECT_VIEW",
            "OBJECT_MATVIEW",
        }:
            continue
        for view in facts.targets:
            may_be_none = facts.node.flag("missing_ok") and view not in facts.schema.tables
            if view not in context.schema.tables and not may_be_none:
                yield context.finding(
                    RULE,
                    facts,
                    f"Clients that read {view} fail from now on.",
                    "Drop it when nobody reads it any more.",
                    at=view.name,
                )

"""A table or view in use gets another name.

Finds
    `ALTER TABLE … RENAME TO` and `ALTER VIEW … RENAME TO`, unless something has the old name again
    at the end of the file, or the new name begins with `_`.

Why it hurts
    From the commit on, every client that says the old name fails with "relation does not exist":
    the release that still runs during the deploy, the tabs that are open, jobs, reports, functions.

Instead
    In the same file, make a view with the old name that writes through:
    `CREATE VIEW old WITH (security_invoker = on) AS SELECT * FROM new`. Drop it when nobody uses it
    any more.

When it is fine
    No client uses it: `-- ajour: allow rename-table <why nobody uses it>`. `_dropped_orders` is
    the name of a table that is about to be dropped, and no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Claim, Context, Rule

RULE = Rule("rename-table", level="error", family="breaking", claim=Claim("ACCESS EXCLUSIVE"))

_KINDS = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"}


def check_file(context: Context) -> Iterator[Finding]:
    """Find each relation whose name is gone after the file."""
    for facts in context.before:
        if facts.kind != "RenameStmt" or facts.node.text("rename_type") not in _KINDS:
            continue
        new = facts.node.text("newname")
        for relation in facts.targets:
            kept = relation in context.schema.tables or relation in facts.schema.indexes
            if not kept and not new.startswith("_"):
                yield context.finding(
                    RULE,
                    facts,
                    f"Clients that say {relation} fail from now on: it is called {new}.",
                    "Make a view with the old name in the same file.",
                    at=facts.node.child("relation"),
                )

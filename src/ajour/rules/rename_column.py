"""A column in use gets another name.

Finds
    `ALTER TABLE … RENAME COLUMN`, unless the same file added the column, the table has one of the
    old name again at the end of the file, or the new name begins with `_`.

Why it hurts
    Every client that says the old name fails from the commit on, the release that still runs during
    the deploy among them. Views follow, and give the old name out; the bodies of functions do not,
    and fail when they are called.

Instead
    Add a column of the new name, keep both the same with a trigger, let the clients change over,
    and drop the old one in a later release. Or leave the name, and give another one out in a view.

When it is fine
    No client uses it: `-- ajour: allow rename-column <why nobody uses it>`. `_dropped_note` is the
    name of a column that is about to be dropped, and no finding.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Claim, Context, Rule, commands

RULE = Rule("rename-column", level="error", family="breaking", claim=Claim("ACCESS EXCLUSIVE"))


def check_file(context: Context) -> Iterator[Finding]:
    """Find each column whose name is gone after the file."""
    for facts in context.before:
        if facts.kind != "RenameStmt" or facts.node.text("rename_type") != "OBJECT_COLUMN":
            continue
        old, new = facts.node.text("subname"), facts.node.text("newname")
        for relation in facts.targets:
            table = context.schema.tables.get(relation)
            if _added(old, relation, context):
                continue
            if not new.startswith("_") and (table is None or table.column(old) is None):
                yield context.finding(
                    RULE,
                    facts,
                    f"Clients that say {old} of {relation} fail from now on: it is called {new}.",
                    "Add a column of the new name, and drop the old one in a later release.",
                    at=old,
                )


def _added(column: str, table: Relation, context: Context) -> bool:
    return any(
        added.text("colname") == column
        for each in context.before
        if table in each.targets
        for command in commands(each.node, "AT_AddColumn")
        if (added := command.child("def")) is not None
    )

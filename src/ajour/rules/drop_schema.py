"""DROP SCHEMA, with all that is in it.

Finds
    `DROP SCHEMA`, with or without `CASCADE`.

Why it hurts
    With `CASCADE` everything in it is gone: tables with their rows, functions, types. Without it
    the statement fails unless the schema is empty.

Instead
    Drop what is in it by name, each thing in the release in which nothing uses it any more. The
    empty schema can go last.

When it is fine
    The schema is empty, or nobody ever used it: `-- ajour: allow drop-schema <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("drop-schema", level="error", family="destructive", kinds=("DropStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each schema that is dropped."""
    if facts.node.text("remove_type") != "OBJECT_SCHEMA":
        return
    whole = facts.node.text("behavior") == "DROP_CASCADE"
    for each in facts.node.children("objects"):
        name = each.text("sval")
        yield context.finding(
            RULE,
            facts,
            f"This drops the schema {name}{' with everything in it' if whole else ''}.",
            "Drop what is in it by name, when nothing uses it any more.",
            at=name,
        )

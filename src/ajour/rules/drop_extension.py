"""DROP EXTENSION, with all that uses it.

Finds
    `DROP EXTENSION`, with or without `CASCADE`.

Why it hurts
    Its functions, types and operators are gone, and with `CASCADE` every column of its types, every
    index on them and every default that calls them. Tables that it keeps itself, such as the jobs
    of pg_cron, go with their rows.

Instead
    Move columns to other types and defaults to other functions first, then drop it without
    `CASCADE`.

When it is fine
    Nothing uses it: `-- ajour: allow drop-extension <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("drop-extension", level="error", family="destructive", kinds=("DropStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find each extension that is dropped."""
    if facts.node.text("remove_type") != "OBJECT_EXTENSION":
        return
    made = {
        each.node.text("extname") for each in context.before if each.kind == "CreateExtensionStmt"
    }
    for each in facts.node.children("objects"):
        name = each.text("sval")
        if name not in made:
            yield context.finding(
                RULE,
                facts,
                f"This drops the extension {name} with its types, functions and tables.",
                "Take what uses it to something else first, then drop it without CASCADE.",
                at=name,
            )

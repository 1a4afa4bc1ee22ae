"""DROP IF EXISTS of a name that no file knows, but one much like it.

Finds
    `DROP … IF EXISTS` of a table, view, sequence or index that no migration creates, when one of
    nearly the same name is known.

Why it hurts
    The server says a notice and goes on. What should have gone stays, and nobody notices.

Instead
    Mend the name. Leave `IF EXISTS` out where the object must be there: then a wrong name fails.

When it is fine
    The object was made by hand and has this name: `-- ajour: allow if-exists-typo <who made it>`.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("if-exists-typo", level="warning", family="destructive", kinds=("DropStmt",))

_NEAR = 0.85
_KINDS = {
    "OBJECT_INDEX": ("index",),
    "OBJECT_MATVIEW": ("materialized view",),
    "OBJECT_SEQUENCE": ("sequence",),
    "OBJECT_TABLE": ("table", "partitioned table"),
    "OBJECT_VIEW": ("view",),
}


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find a name that is likely to be misspelt."""
    kinds = _KINDS.get(facts.node.text("remove_type"))
    if not kinds or not facts.node.flag("missing_ok"):
        return
    schema = context.schema
    for relation in facts.targets:
        if relation in schema.tables or relation in schema.indexes:
            continue
        names = (
            [each.name for each in schema.indexes]
            if "index" in kinds
            else [each.name for each, table in schema.tables.items() if table.kind in kinds]
        )
        near = get_close_matches(relation.name, names, 1, _NEAR)
        if near and near[0] != relation.name:
            yield context.finding(
                RULE,
                facts,
                f"No file creates {relation}, and IF EXISTS passes over it. Is {near[0]} meant?",
                "Mend the name, or leave IF EXISTS out.",
                at=relation.name,
            )

"""A table, view or function in use moves to another schema, or its schema gets another name.

Finds
    `ALTER … SET SCHEMA` and `ALTER SCHEMA … RENAME TO`, of what the same file did not create.

Why it hurts
    Clients that write the schema before the name fail from the commit on. The API of Supabase
    serves some schemas alone: what leaves `public` is gone from it. Bodies of functions with names
    in full fail when they are called.

Instead
    Leave a view with the old name in the old schema, or a function that calls the new one, until
    nobody uses it any more.

When it is fine
    No client uses it, or it shall be hidden from the API:
    `-- ajour: allow move-to-schema <why>`.
"""

from collections.abc import Iterator

from ajour.model import Finding, Relation
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.learn_guard import routine_named

RULE = Rule("move-to-schema", level="error", family="breaking")

_FUNCTIONS = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


def check_file(context: Context) -> Iterator[Finding]:
    """Find what is no longer found where it was."""
    for facts in context.before:
        for name in _moved(facts, context):
            yield context.finding(
                RULE,
                facts,
                f"Clients that say {name} fail from now on: it is in"
                f" {facts.node.text('newschema') or facts.node.text('newname')}.",
                "Leave a view or a function with the old name until nobody uses it.",
            )


def _moved(facts: Facts, context: Context) -> Iterator[str]:
    node = facts.node
    if node.kind == "RenameStmt" and node.text("rename_type") == "OBJECT_SCHEMA":
        made = {each.node.text("schemaname") for each in context.before if _makes_schema(each)}
        if node.text("subname") not in made:
            yield f"the schema {node.text('subname')}"
    if node.kind != "AlterObjectSchemaStmt":
        return
    yield from (str(each) for each in facts.targets if _gone(each, context))
    function = node.child("object")
    if node.text("object_type") in _FUNCTIONS and function is not None:
        old = routine_named(facts.schema, function)
        if old is not None and old.file != context.file.name:
            yield old.signature


def _makes_schema(facts: Facts) -> bool:
    return facts.kind == "CreateSchemaStmt"


def _gone(relation: Relation, context: Context) -> bool:
    return relation not in context.schema.tables

"""What the embedded server lets a migration do, and hosted Supabase refuses: it is said before.

Migrations run as a superuser here. There they run as `postgres`, who does not own the platform's
tables: policies on storage.objects and triggers on auth.users are allowed, little else is.
"""

import re
from collections.abc import Iterator

from ajour.model import Finding, Migration, Pending, Plan, Statement
from ajour.sql.parse import Node, parse
from ajour.sql.position import place

SCHEMAS = ("auth", "storage", "realtime", "vault")
"""Schemas whose tables and functions belong to the platform's own roles."""

_MAY = re.compile(r"\b(?:auth|storage|realtime|vault|system|superuser)\b", re.IGNORECASE)
_ROWS = {"DeleteStmt": "deletes rows of", "TruncateStmt": "empties"}
_OWNED = {
    "AlterTableStmt": "alters",
    "RenameStmt": "renames",
    "IndexStmt": "makes an index on",
    "CreateStmt": "makes the table",
    "ViewStmt": "makes the view",
    "RuleStmt": "makes a rule on",
}
_DROPS = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_SEQUENCE"}


def refused(plan: Plan) -> Iterator[Finding]:
    """Yield a finding for each statement that hosted Supabase would refuse."""
    for item in plan.pending:
        if _MAY.search(item.migration.text):
            yield from _of_file(item)


def _of_file(item: Pending) -> Iterator[Finding]:
    for step in item.script.steps:
        for statement in step.statements:
            what = _does(statement) if _MAY.search(statement.text) else None
            if what:
                yield _finding(item.migration, statement, what)


def _finding(file: Migration, statement: Statement, what: str) -> Finding:
    width = len(statement.text.partition("\n")[0])
    return Finding(
        "hosted-refuses",
        "warning",
        f"Hosted Supabase refuses this: it {what}, which is the platform's own.",
        place(file.text, statement.offset, str(file.path), width),
        "The embedded server lets it pass. Leave it out, or do it in the dashboard.",
    )


def _does(statement: Statement) -> str | None:
    """Return what the statement does that is refused."""
    nodes = parse(statement.text) or ()
    return next((what for node in nodes if (what := _what(node))), None)


def _what(node: Node) -> str | None:
    if node.kind == "AlterSystemStmt":
        return "changes a setting of the server"
    if node.kind in _OWNED:
        view = "view" if node.kind == "ViewStmt" else "relation"
        return _on(_OWNED[node.kind], node.child(view))
    if node.kind == "DeleteStmt":
        target = node.child("relation")
        storage = target is not None and target.text("schemaname") == "storage"
        return _on(_ROWS[node.kind], target) if storage else None
    if node.kind == "TruncateStmt":
        found = (_on(_ROWS[node.kind], each) for each in node.children("relations"))
        return next(filter(None, found), None)
    if node.kind == "CreateFunctionStmt":
        return _named("makes the function", node.children("funcname"))
    if node.kind == "DropStmt" and node.text("remove_type") in _DROPS:
        lists = (each.children("items") for each in node.children("objects") if each.kind == "List")
        return next(filter(None, (_named("drops", parts) for parts in lists)), None)
    return None


def _on(verb: str, relation: Node | None) -> str | None:
    if relation is None or relation.text("schemaname") not in SCHEMAS:
        return None
    return f"{verb} {relation.text('schemaname')}.{relation.text('relname')}"


def _named(verb: str, parts: tuple[Node, ...]) -> str | None:
    names = [part.text("sval") for part in parts if part.kind == "String"]
    return f"{verb} {'.'.join(names)}" if len(names) > 1 and names[0] in SCHEMAS else None

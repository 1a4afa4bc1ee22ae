"""What hosted Supabase refuses, and the embedded server or one's own lets pass.

Finds
    Statements that change what the platform owns: tables, indexes, views, rules, functions and
    types in the schemas `auth`, `storage`, `realtime` and `vault`, rows of `storage` that are
    deleted, roles such as `anon` that are altered or dropped, and `ALTER SYSTEM`.

Why it hurts
    Migrations run as a superuser in development. On hosted Supabase they run as `postgres`, who
    does not own the platform's tables: the deploy fails there.

Instead
    Policies on `storage.objects` and triggers on `auth.users` are allowed. Keep columns of your own
    in a table of your own that references `auth.users (id)`. Delete objects through the Storage
    API. Settings of the server are changed in the dashboard.

When it is fine
    The database is your own and not hosted Supabase.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule
from ajour.sql.parse import Node

SCHEMAS = ("auth", "storage", "realtime", "vault")
"""Schemas whose tables and functions belong to the platform's own roles."""

_ROWS = {"DeleteStmt": "deletes rows of", "TruncateStmt": "empties"}
_OWNED = {
    "AlterTableStmt": "alters",
    "RenameStmt": "renames",
    "IndexStmt": "makes an index on",
    "CreateStmt": "makes the table",
    "ViewStmt": "makes the view",
    "RuleStmt": "makes a rule on",
}
_ROLES = {
    *("anon", "authenticated", "authenticator", "dashboard_user", "pgbouncer", "service_role"),
    *("supabase_admin", "supabase_auth_admin", "supabase_read_only_user"),
    *("supabase_realtime_admin", "supabase_replication_admin", "supabase_storage_admin"),
}
"""Roles of the platform. Settings of them, by ALTER ROLE … SET, are allowed."""
_DROPS = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_SEQUENCE"}


RULE = Rule(
    "hosted-refuses",
    level="warning",
    family="security",
    kinds=(
        *("AlterSystemStmt", "CreateFunctionStmt", "DeleteStmt", "DropStmt", "TruncateStmt"),
        *("AlterRoleStmt", "CreateRoleStmt", "DropRoleStmt"),
        *_OWNED,
    ),
    profile="supabase",
)


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find what the platform's own is changed by."""
    what = _what(facts.node)
    if what:
        yield context.finding(
            RULE,
            facts,
            f"Hosted Supabase refuses this: it {what}, which is the platform's own.",
            "The embedded server lets it pass. Leave it out, or do it in the dashboard.",
        )


def _what(node: Node) -> str | None:
    if node.kind == "AlterSystemStmt":
        return "changes a setting of the server"
    if node.kind in {"AlterRoleStmt", "CreateRoleStmt", "DropRoleStmt"}:
        return next((f"{_ROLE_VERBS[node.kind]} {each}" for each in _roles(node)), None)
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


_ROLE_VERBS = {
    "AlterRoleStmt": "alters the role",
    "CreateRoleStmt": "makes the role",
    "DropRoleStmt": "drops the role",
}


def _roles(node: Node) -> list[str]:
    """Return the roles of the platform that a statement is about."""
    if node.kind == "CreateRoleStmt":
        names = [node.text("role")]
    elif node.kind == "DropRoleStmt":
        names = [each.text("rolename") for each in node.children("roles")]
    else:
        named = node.child("role")
        names = [named.text("rolename")] if named is not None else []
    return [each for each in names if each in _ROLES]


def _on(verb: str, relation: Node | None) -> str | None:
    if relation is None or relation.text("schemaname") not in SCHEMAS:
        return None
    return f"{verb} {relation.text('schemaname')}.{relation.text('relname')}"


def _named(verb: str, parts: tuple[Node, ...]) -> str | None:
    names = [part.text("sval") for part in parts if part.kind == "String"]
    return f"{verb} {'.'.join(names)}" if len(names) > 1 and names[0] in SCHEMAS else None

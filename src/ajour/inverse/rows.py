"""What a migration did to rows and outside of the schema: deleted again by key, or said."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ajour.catalog.objects import Catalog, Identity, Object
from ajour.inverse.loss import Loss
from ajour.inverse.words import literal, name, text, texts
from ajour.model import Relation, Statement
from ajour.sql.parse import Node, parse
from ajour.sql.targets import dropped

_WRITES = re.compile(
    r"\b(?:insert\s+into|update\s+[^;]*?\bset\b|delete\s+from|truncate|merge\s+into|copy)\b",
    re.IGNORECASE | re.DOTALL,
)
_DML = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_NOT_SCHEMA = {
    "CreateRoleStmt": "a role that was made",
    "AlterRoleStmt": "what was changed of a role",
    "DropRoleStmt": "a role that was dropped",
    "GrantRoleStmt": "who is a member of a role",
    "AlterDatabaseSetStmt": "a setting of a database by its name",
    "AlterRoleSetStmt": "a setting of a role in a database by its name",
    "AlterDatabaseStmt": "what was changed of the database",
    "AlterSystemStmt": "a setting of the server",
    "CreateSubscriptionStmt": "what a subscription did to its publisher",
    "AlterSubscriptionStmt": "what a subscription did to its publisher",
    "DropSubscriptionStmt": "what a subscription did to its publisher",
    "LockStmt": "",
}
"""Statements about what a catalog does not hold, and what that is."""

_OUTSIDE = frozenset({"http", "http_get", "http_post", "http_put", "http_patch", "http_delete"})


@dataclass(frozen=True, slots=True)
class Undone:
    """A statement that takes back what the migration did to rows."""

    sql: str
    line: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a migration."""

    before: Catalog
    after: Catalog
    managed: frozenset[str]
    """Schemas that the platform manages: they are in no catalog."""

    def table(self, node: Node) -> Identity | None:
        """Return the table that was there before the migration; None for its own and temporary."""
        return self.named(node.text("schemaname"), node.text("relname"))

    def named(self, schema: str, own: str) -> Identity | None:
        """Return the same by its name; the schema is "" where none is written."""
        if schema in self.managed:
            return Identity("table", schema, own)
        found = [
            each
            for each in self.before.objects
            if each.name == own and each.kind in _HOLDERS and schema in ("", each.schema)
        ]
        return min(found, key=lambda each: each.schema != "public", default=None)


_HOLDERS = frozenset({"table", "foreign table", "view"})


def undone(statements: Iterable[Statement], around: Around) -> tuple[Undone | Loss, ...]:
    """Return how each thing that a migration did beside the schema is undone, the last first."""
    found: list[Undone | Loss] = []
    for statement in statements:
        nodes = parse(statement.text)
        if nodes is None and _WRITES.search(statement.text):
            said = "What this statement did to rows is not known."
            found.append(Loss(said, line=statement.line))
        for node in nodes or ():
            found += _of(node, statement, around)
    return tuple(reversed(found))


def _of(node: Node, statement: Statement, around: Around) -> Iterator[Undone | Loss]:
    line = statement.line
    match node.kind:
        case "DropStmt" if node.text("remove_type") == "OBJECT_TABLE":
            for names in dropped(node):
                table = around.named("".join(names[:-1]), names[-1])
                if table is not None and table in around.after.objects:
                    yield _replaced(table, line)
        case "AlterTableStmt":
            yield from _columns_replaced(node, line, around)
        case "TruncateStmt":
            for each in node.children("relations"):
                yield from _gone(around.table(each), "emptied", line)
        case "CopyStmt" if node.flag("is_from"):
            relation = node.child("relation")
            yield from _gone(around.table(relation) if relation else None, "copied into", line)
        case "DoStmt":
            body = " ".join(filter(None, node.options("args").values()))
            if _WRITES.search(body) and not _only_new(body, around):
                yield Loss("What this DO block did to rows is not known.", line=line)
        case "AlterRoleSetStmt" | "AlterDatabaseSetStmt" if _is_seen(node, around):
            pass
        case kind if _NOT_SCHEMA.get(kind):
            said = f"Not undone, as it is no part of a schema: {_NOT_SCHEMA[kind]}."
            yield Loss(said, line=line)
        case kind if kind in _DML or kind in {"SelectStmt", "CallStmt"}:
            for one in node.walk():
                if one.kind in _DML:
                    yield from _written(one, statement, around)
                elif one.kind == "FuncCall":
                    yield from _called(one, line, around)


def _is_seen(node: Node, around: Around) -> bool:
    """Tell whether the catalogs show what became of a setting: not that of another database."""
    role, what = (
        node.child("role") if node.kind == "AlterRoleSetStmt" else None,
        node.child("setstmt"),
    )
    if node.kind == "AlterRoleSetStmt" and not node.text("database"):
        return True
    resets = what is None or "RESET" in what.text("kind")
    found = (around.before if resets else around.after).objects
    name = what.text("name").lower() if what else ""
    owner = role.text("rolename") if role else ""
    return any(
        each.kind == "database setting" and each.table == owner and name in ("", each.name)
        for each in found
    )


def _columns_replaced(node: Node, line: int, around: Around) -> Iterator[Loss]:
    """Yield a loss for each column that was dropped and has a namesake now: it is not the same."""
    relation = node.child("relation")
    table = around.table(relation) if relation is not None else None
    for each in node.children("cmds") if table is not None else ():
        if table is not None and each.text("subtype") == "AT_DropColumn":
            column = table._replace(kind="column", name=each.text("name"), table=table.name)
            if column in around.before.objects and column in around.after.objects:
                yield _replaced(column, line)


def _replaced(identity: Identity, line: int) -> Loss:
    relation = Relation(identity.schema, identity.table or identity.name)
    said = f"{identity} was dropped; the one that is there now has what the migration put in it."
    return Loss(said[0].upper() + said[1:], line=line, relation=relation)


def _only_new(body: str, around: Around) -> bool:
    """Tell whether a text writes only to tables that were not there before."""
    words = set(re.findall(r"\w+", body.lower()))
    return not any(
        each.name.lower() in words for each in around.before.objects if each.kind in _HOLDERS
    ) and not (words & around.managed)


def _written(node: Node, statement: Statement, around: Around) -> Iterator[Undone | Loss]:
    relation = node.child("relation")
    table = around.table(relation) if relation is not None else None
    if table is None:
        return
    if node.kind == "UpdateStmt":
        columns = [each.text("name") for each in node.children("target_list")]
        old = [table._replace(kind="column", name=each, table=table.name) for each in columns]
        if table.schema in around.managed or any(each in around.before.objects for each in old):
            yield from _gone(table, "changed", statement.line)
        return
    sql = _deleted(node, table, around) if node.kind == "InsertStmt" else None
    if sql is not None:
        yield Undone(sql, statement.line, Relation(table.schema, table.name))
        return
    does = {"InsertStmt": "inserted", "DeleteStmt": "deleted"}.get(node.kind, "merged")
    yield from _gone(table, does, statement.line)


def _gone(table: Identity | None, does: str, line: int) -> Iterator[Loss]:
    if table is not None:
        said = {
            "emptied": f"The rows of {table} were deleted.",
            "deleted": f"Rows of {table} were deleted.",
            "changed": f"Values in {table} were changed; the old ones are gone.",
            "inserted": f"Rows were inserted into {table}; which ones is not told by a key.",
        }.get(does, f"Rows were {does} {table}; which ones is not known.")
        yield Loss(said, line=line, relation=Relation(table.schema, table.name))


def _called(node: Node, line: int, around: Around) -> Iterator[Loss]:
    *schema, own = (part.text("sval") for part in node.children("funcname"))
    whole = ".".join((*schema, own))
    if schema and schema[0] in around.managed - {"extensions", "auth"}:
        yield Loss(f"What {whole}() did is no part of the project's schema.", line=line)
    elif own in _OUTSIDE or own.startswith("dblink"):
        yield Loss(f"{whole}() reached out of the database.", line=line)
    elif own == "setval":
        yield Loss("The number that a sequence had come to is gone.", line=line, stops=False)
    else:
        for each in (*around.before.objects.values(), *around.after.objects.values()):
            identity = each.identity
            if each.kind in {"function", "procedure"} and identity.name.partition("(")[0] == own:
                if _WRITES.search(text(each, "body")):
                    yield Loss(f"What {whole}() did to rows is not known.", line=line)
                return


def _deleted(node: Node, table: Identity, around: Around) -> str | None:
    """Return what deletes the rows of an INSERT … VALUES by their key; None where none is known."""
    query = node.child("select_stmt")
    if query is None or node.has("on_conflict_clause") or table not in around.after.objects:
        return None
    rows = [each.children("items") for each in query.children("values_lists")]
    columns = [each.text("name") for each in node.children("cols")] or _columns(table, around)
    for key in _keys(table, around):
        if not rows or not set(key) <= set(columns):
            continue
        places = [columns.index(each) for each in key]
        values = [
            [_constant(row[place]) if place < len(row) else None for place in places]
            for row in rows
        ]
        if all(value is not None for row in values for value in row):
            said = [", ".join(filter(None, row)) for row in values]
            names = ", ".join(map(name, key))
            left, listed = (
                (names, said) if len(key) == 1 else (f"({names})", [f"({x})" for x in said])
            )
            target = f"{name(table.schema)}.{name(table.name)}"
            inside = ", ".join(listed)
            return f"delete from {target} where {left} in ({inside})"  # noqa: S608  # all quoted
    return None


def _columns(table: Identity, around: Around) -> list[str]:
    found = [each for each in around.after.objects.values() if _is_column(each, table)]
    return [
        each.identity.name
        for each in sorted(found, key=lambda each: text(each, "position").zfill(5))
    ]


def _is_column(each: Object, table: Identity) -> bool:
    return each.kind == "column" and each.parent == table


def _keys(table: Identity, around: Around) -> Iterator[tuple[str, ...]]:
    """Yield the columns of each key of a table, the primary one first."""
    found = [
        each
        for each in around.after.objects.values()
        if each.kind == "constraint" and each.parent == table
        if text(each, "type") in {"primary key", "unique"}
    ]
    for each in sorted(found, key=lambda each: text(each, "type")):
        yield texts(each, "columns")


def _constant(node: Node) -> str | None:
    """Return a constant as SQL has it; None for anything else, and for NULL."""
    if node.kind == "TypeCast":
        inner = node.child("arg")
        return _constant(inner) if inner is not None else None
    if node.kind != "A_Const":
        return None
    for field, part in (("sval", "sval"), ("ival", "ival"), ("fval", "fval")):
        value = node.child(field)
        if value is not None:
            written = value.text(part)
            return literal(written) if field == "sval" else written
    return None

"""What a statement does to the history of migrations, as far as parsing can see it.

Words come first, the parser second: only a text that has the table's name in it, or drops or
renames a schema, is parsed. What hides in a function's body, or in a name that another search
path would find, is left to the server's own guards: see db/history.sql.
"""

import re
from collections.abc import Iterable, Iterator

from ajour.model import Relation, Statement
from ajour.sql.mentioned import mentioned
from ajour.sql.parse import Node, parse

_SCHEMA = re.compile(r"\b(?:drop|alter)\s+schema\b", re.IGNORECASE)

_CHANGES = {
    "AlterTableStmt": "alters",
    "RenameStmt": "renames",
    "AlterObjectSchemaStmt": "moves",
    "InsertStmt": "writes to",
    "UpdateStmt": "writes to",
    "MergeStmt": "writes to",
    "DeleteStmt": "deletes from",
    "CreateTrigStmt": "puts a trigger on",
    "RuleStmt": "puts a rule on",
}
"""Statements that have the table they work on in `relation`, and what they do to it."""

_POLICIES = {"CreatePolicyStmt": "puts a policy on", "AlterPolicyStmt": "changes a policy of"}
_KINDS = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"}
_DONE_ANYWAY = {"AT_EnableRowSecurity"}
_CARRIERS = {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}

Found = tuple[str, bool]
"""What a statement does, and whether that passes."""


def touches(statement: Statement, table: Relation) -> str | None:
    """Return what the statement does to the history that it must not, such as "drops x.y".

    None where it does nothing to it, or nothing that parsing can see. Names without a schema
    count, whatever the search path; names in another schema are something else.
    """
    return next((what for what, passes in _found(statement, table) if not passes), None)


def mentions(statement: Statement, table: Relation) -> str | None:
    """Return what the statement does to the history that passes, and is without effect."""
    return next((what for what, passes in _found(statement, table) if passes), None)


def may_touch(text: str, table: Relation) -> bool:
    """Tell at once whether it is worth looking at the statements of `text`."""
    name = table.name.lower()
    if not mentioned(text, name, "schema"):
        return False
    return mentioned(text, name) or _SCHEMA.search(text) is not None


def _found(statement: Statement, table: Relation) -> Iterator[Found]:
    if may_touch(statement.text, table):
        for node in parse(statement.text) or ():
            yield from _History(table).of(node)


class _History:
    """The two tables of a history, looked for in syntax trees."""

    def __init__(self, table: Relation) -> None:
        self.schema = table.schema
        self.names = (table.name, f"{table.name}_in_progress")

    def of(self, node: Node) -> Iterator[Found]:
        """Give all that the statement does to one of the tables."""
        match node.kind:
            case "RenameStmt" if node.text("rename_type") == "OBJECT_SCHEMA":
                if node.text("subname") == self.schema:
                    yield f"renames the schema {self.schema} of the history", False
            case kind if kind in _CHANGES:
                yield from self._changed(node)
            case "DropStmt":
                yield from self._dropped(node)
            case "TruncateStmt":
                yield from self._each("empties", node.children("relations"))
            case "LockStmt":
                yield from self._each("locks", node.children("relations"), passes=True)
            case kind if kind in _POLICIES:
                yield from self._each(_POLICIES[kind], [node.child("table")])
            case "CopyStmt" if node.flag("is_from"):
                yield from self._each("writes to", [node.child("relation")])
            case "GrantStmt" if node.text("objtype") == "OBJECT_TABLE":
                does = "grants rights on" if node.flag("is_grant") else "revokes rights on"
                yield from self._each(does, node.children("objects"), passes=True)
            case _:
                yield from self._made(node)
        yield from self._carried(node)

    def _changed(self, node: Node) -> Iterator[Found]:
        target, taken = node.child("relation"), ""
        if target is not None and not self._is(target):  # another table comes in the way of ours
            if node.kind == "AlterObjectSchemaStmt" and node.text("newschema") == self.schema:
                taken = target.text("relname")
            elif node.kind == "RenameStmt" and node.text("rename_type") in _KINDS:
                taken = node.text("newname") if self._is_here(target) else ""
            if taken in self.names:
                yield f"gives something else the name {self.schema}.{taken}", False
        commands = node.children("cmds") if node.kind == "AlterTableStmt" else ()
        passes = bool(commands) and {each.text("subtype") for each in commands} <= _DONE_ANYWAY
        yield from self._each(_CHANGES[node.kind], [target], passes=passes)
        for command in commands:  # of another table: ATTACH PARTITION, INHERIT
            other = command.child("def")
            partition = other is not None and other.kind == "PartitionCmd"
            named = other.child("name") if other is not None and partition else other
            yield from self._each("alters", [named])

    def _dropped(self, node: Node) -> Iterator[Found]:
        kind = node.text("remove_type")
        for each in node.children("objects"):
            if kind == "OBJECT_SCHEMA" and each.text("sval") == self.schema:
                yield f"drops the schema {self.schema} of the history", False
            elif kind in _KINDS:
                *schema, name = (part.text("sval") for part in each.children("items"))
                if name in self.names and schema[-1:] in ([], [self.schema]):
                    yield f"drops {self.schema}.{name}", False

    def _made(self, node: Node) -> Iterator[Found]:
        match node.kind:
            case "CreateStmt":
                yield from self._created(node.child("relation"), node.flag("if_not_exists"))
                yield from self._each("inherits from", node.children("inh_relations"))
            case "CreateForeignTableStmt":
                base = node.child("base_stmt")
                yield from self._made(base) if base else ()
            case "CreateTableAsStmt":
                into = node.child("into")
                made = into.child("rel") if into else None
                yield from self._created(made, node.flag("if_not_exists"))
            case "SelectStmt":
                into = node.child("into_clause")
                yield from self._created(into.child("rel") if into else None)
            case "ViewStmt":
                yield from self._created(node.child("view"))

    def _created(self, made: Node | None, if_not_exists: bool = False) -> Iterator[Found]:
        if made is not None and made.kind == "RangeVar" and made.text("relpersistence") == "t":
            yield from self._each("puts a temporary table before", [made])
        else:
            yield from self._each("creates", [made], passes=if_not_exists)

    def _carried(self, node: Node) -> Iterator[Found]:
        """Look into the statements that this one carries: WITH, EXPLAIN, PREPARE."""
        carried: list[Node | None] = []
        if node.kind in _CARRIERS:
            clause = node.child("with_clause")
            carried += (
                [each.child("ctequery") for each in clause.children("ctes")] if clause else []
            )
        if node.kind == "InsertStmt":
            carried.append(node.child("select_stmt"))
        if node.kind in {"ExplainStmt", "PrepareStmt"}:
            carried.append(node.child("query"))
        for each in filter(None, carried):
            yield from self.of(each)

    def _each(
        self, does: str, nodes: Iterable[Node | None], *, passes: bool = False
    ) -> Iterator[Found]:
        for node in nodes:
            if node is not None and self._is(node):
                yield f"{does} {self.schema}.{node.text('relname')}", passes

    def _is(self, node: Node) -> bool:
        """Tell whether a node names one of the tables."""
        return (
            node.kind == "RangeVar" and node.text("relname") in self.names and self._is_here(node)
        )

    def _is_here(self, node: Node) -> bool:
        """Tell whether a relation is written without a schema, or with the history's."""
        return node.text("schemaname") in ("", self.schema)

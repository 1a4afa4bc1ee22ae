"""What a statement outside a transaction works on, so that a broken-off one can be taken up.

Pure: names as they are written. What became of them in a database is for db/recover.py to see.
"""

from dataclasses import dataclass
from typing import Literal

from ajour.model import Statement
from ajour.sql.names import quote
from ajour.sql.parse import Node, parse

Kind = Literal[
    "create index",
    "drop index",
    "reindex",
    "detach",
    "create database",
    "drop database",
    "create tablespace",
    "drop tablespace",
    "create subscription",
    "drop subscription",
    "again",
]
"""`again`: what can simply be run once more, such as VACUUM."""

_BY_NAME: dict[str, tuple[Kind, str]] = {
    "CreatedbStmt": ("create database", "dbname"),
    "DropdbStmt": ("drop database", "dbname"),
    "CreateTableSpaceStmt": ("create tablespace", "tablespacename"),
    "DropTableSpaceStmt": ("drop tablespace", "tablespacename"),
    "CreateSubscriptionStmt": ("create subscription", "subname"),
    "DropSubscriptionStmt": ("drop subscription", "subname"),
}


@dataclass(frozen=True, slots=True)
class Alone:
    """A statement outside a transaction, by what it makes, changes or drops.

    Names are quoted as SQL has them, with their schema where it is written.
    """

    kind: Kind
    name: str = ""
    """The object; empty for an index that the server shall name. Of REINDEX: table, schema…"""
    relation: str = ""
    """The table of an index, the parent of a partition, what is to be reindexed."""


def alone(statement: Statement) -> Alone:
    """Return what the statement works on; `again` where the parser cannot tell."""
    nodes = parse(statement.text)
    return _read(nodes[0]) if nodes and len(nodes) == 1 else Alone("again")


def _read(node: Node) -> Alone:
    if node.kind in _BY_NAME:
        kind, field = _BY_NAME[node.kind]
        return Alone(kind, node.text(field))
    match node.kind:
        case "IndexStmt":
            name = node.text("idxname")
            return Alone("create index", name, _range(node.child("relation")))
        case "DropStmt":
            parts = node.children("objects")[0].children("items")
            return Alone("drop index", ".".join(quote(part.text("sval")) for part in parts))
        case "ReindexStmt":
            reindexed = node.text("kind").removeprefix("REINDEX_OBJECT_").lower()
            whole = node.text("name")  # of a schema or a database
            return Alone("reindex", reindexed, whole or _range(node.child("relation")))
        case "AlterTableStmt":
            partition = node.children("cmds")[0].child("def")
            child = _range(partition.child("name")) if partition else ""
            return Alone("detach", child, _range(node.child("relation")))
    return Alone("again")


def _range(node: Node | None) -> str:
    """Return the name of a relation as it is written, quoted."""
    if node is None:
        return ""
    parts = (node.text("schemaname"), node.text("relname"))
    return ".".join(quote(part) for part in parts if part)

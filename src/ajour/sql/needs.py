"""What a file asks for before it can run: rights, extensions, tables that must be one's own.

As far as parsing can see it cheaply: what functions do, and what a name means under another search
path, is left to the run itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ajour.model import Statement
from ajour.sql.names import quote
from ajour.sql.parse import Node, parse

SUPERUSER = "superuser"
CREATEROLE = "createrole"
CREATEDB = "createdb"
CREATE = "create on the database"

_RIGHTS = {
    "CreateSchemaStmt": CREATE,
    "CreatePublicationStmt": CREATE,
    "CreateRoleStmt": CREATEROLE,
    "DropRoleStmt": CREATEROLE,
    "CreatedbStmt": CREATEDB,
    "CreateEventTrigStmt": SUPERUSER,
    "AlterSystemStmt": SUPERUSER,
    "CreateTableSpaceStmt": SUPERUSER,
}
_OWNERS = {"AlterTableStmt", "IndexStmt", "RenameStmt", "AlterObjectSchemaStmt"}
"""Statements that only the owner of `relation` may run."""

_MAKERS = {"CreateStmt": "relation", "CreateTableAsStmt": "into"}
# Most of a large file is data: only what begins like one of those above is parsed.
_STARTS = re.compile(r"\s*(?:--|/\*|create|alter|drop)\b", re.IGNORECASE)


@dataclass
class Needs:
    """What was found. Names of tables are as SQL writes them, quoted."""

    tables: set[str] = field(default_factory=set)
    """Tables that are there already, as it seems, and are altered or dropped."""
    made: set[str] = field(default_factory=set)
    """Tables that the files make themselves."""
    extensions: set[str] = field(default_factory=set)
    rights: set[str] = field(default_factory=set)

    def add(self, statements: Iterable[Statement]) -> None:
        """Add what the statements need."""
        for statement in statements:
            if _STARTS.match(statement.text):
                for node in parse(statement.text) or ():
                    self._add(node)

    def _add(self, node: Node) -> None:
        if node.kind in _RIGHTS:
            self.rights.add(_RIGHTS[node.kind])
        elif node.kind == "CreateExtensionStmt":
            self.extensions.add(node.text("extname"))
        elif node.kind in _OWNERS:
            self._changes(node.child("relation"))
        elif node.kind == "DropStmt" and node.text("remove_type") == "OBJECT_TABLE":
            for each in node.children("objects"):
                parts = [part.text("sval") for part in each.children("items")]
                self._needs(".".join(map(quote, parts[-2:])))
        elif node.kind in _MAKERS:
            made = node.child(_MAKERS[node.kind])
            made = made.child("rel") if made and made.kind == "IntoClause" else made
            if made is not None:
                self.made.add(_name(made))

    def _changes(self, relation: Node | None) -> None:
        if relation is not None and relation.kind == "RangeVar":
            self._needs(_name(relation))

    def _needs(self, name: str) -> None:
        if name not in self.made:
            self.tables.add(name)


def _name(relation: Node) -> str:
    schema, name = relation.text("schemaname"), quote(relation.text("relname"))
    return f"{quote(schema)}.{name}" if schema else name

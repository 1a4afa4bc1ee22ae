"""What is known of a database after some statements, from their text alone.

`begin(profile).after(node, file).after(…)` for each statement in order gives the picture. It holds
what the statements tell and nothing else: a table that no file creates stays unknown, and a text
that the parser cannot read tells nothing. A DO block tells what stands in it where `sql/blocks.py`
takes it apart. Ask `table()` and be ready for None.
"""

from dataclasses import dataclass, replace

from ajour.profiles import Profile
from ajour.sql.known import Known
from ajour.sql.learn import LEARNED, learn
from ajour.sql.learn_guard import GUARD, tells
from ajour.sql.parse import Node

__all__ = ["Schema", "begin"]


@dataclass(frozen=True, slots=True)
class Schema(Known):
    """An immutable picture of what is known of the database."""

    def after(self, node: Node, file: str = "") -> "Schema":
        """Return what is known after the statement `node` of `file`."""
        schema = self
        if file != self.file:
            schema = replace(schema, file=file, path=self.usual_path)
        if node.kind == "VariableSetStmt" and node.text("name") == "search_path":
            return replace(schema, path=_path(node) or self.usual_path)
        if not _tells(node):
            return schema
        known = replace(
            schema,
            tables=dict(schema.tables),
            indexes=schema.indexes.copy(),
            domains=dict(schema.domains),
            types=dict(schema.types),
            functions=dict(schema.functions),
            routines=dict(schema.routines),
            closed=dict(schema.closed),
        )
        if node.kind in LEARNED:
            learn(known, node)
        if node.kind in GUARD:
            GUARD[node.kind](known, node)
        return known


def begin(profile: Profile) -> Schema:
    """Return the picture before any statement: with the search_path that the profile has.

    What is made in `public` is open to the roles of the API from the start; in another schema that
    is served, somebody has to grant it. Functions are open to PUBLIC everywhere.
    """
    granted = [each for each in profile.api_schemas if each != "public"]
    roles = frozenset(profile.api_roles)
    closed = {(kind, each): roles for each in granted for kind in ("function", "table")}
    return Schema(profile.search_path, profile.search_path, closed=closed)


def _tells(node: Node) -> bool:
    if node.kind == "SelectStmt":
        return node.has("into_clause")
    return node.kind in LEARNED or tells(node)


def _path(node: Node) -> tuple[str, ...]:
    """Return the schemas that SET search_path names; none for its default."""
    values = (each.child("sval") for each in node.children("args") if each.kind == "A_Const")
    return tuple(value.text("sval") for value in values if value is not None)

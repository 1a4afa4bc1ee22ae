"""The renames that a migration does, and what takes them back: a rename keeps the rows.

Two catalogs show a rename as one object less and another one more. The migration's own statements
say what became what; those hidden in a function's body or in DO are not seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ajour.catalog.objects import Catalog
from ajour.inverse.words import literal, name
from ajour.model import Statement
from ajour.sql.mentioned import mentioned
from ajour.sql.parse import Node, parse

_OWN = {
    "OBJECT_TABLE": "table",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_FOREIGN_TABLE": "foreign table",
    "OBJECT_INDEX": "index",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "domain",
}
"""What is called by its schema and its own name."""

_PARTS = {
    "OBJECT_COLUMN": ("table {}", "column "),
    "OBJECT_ATTRIBUTE": ("type {}", "attribute "),
    "OBJECT_TABCONSTRAINT": ("table {}", "constraint "),
    "OBJECT_DOMCONSTRAINT": ("domain {}", "constraint "),
}
"""What is renamed by a command to what it is part of."""

_ON = {"OBJECT_TRIGGER": "trigger", "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule"}


@dataclass(frozen=True, slots=True)
class Rename:
    """One rename that was done, as text around the two names."""

    start: str
    middle: str
    old: str
    new: str
    """Both as SQL has them."""
    set_schema: bool = False

    @property
    def back(self) -> str:
        """The statement that takes it back."""
        return f"{self.start}{self.new}{self.middle}{self.old}"

    def aside(self) -> "Rename | None":
        """Return what moves away that which has the old name now; None where that cannot be."""
        if self.set_schema or self.old.startswith("'"):
            return None
        free = name(f"{self.old.strip(chr(34))[:50]}__new")
        return Rename(self.start, self.middle, free, self.old)


@dataclass
class _Names:
    """Follows names through a file."""

    before: Catalog
    after: Catalog
    found: list[Rename] = field(default_factory=list)
    origins: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    schemas: dict[str, str] = field(default_factory=dict)
    """Schemas that have another name, and the one that they had."""

    def schema(self, written: str, own: str) -> str:
        """Return the schema of a name; where none is written, the one that has such an object."""
        if written:
            return written
        every = (*self.before.objects, *self.after.objects)
        schemas = [each.schema for each in every if own in (each.name, each.table)]
        return "public" if "public" in schemas or not schemas else schemas[0]

    def became(self, old: tuple[str, ...], new: tuple[str, ...]) -> bool:
        """Note that something has another name; return whether it was there before the file."""
        origin = self.origins.pop(old, old)
        self.origins[new] = origin
        kept = {(each.schema, each.table, each.name) for each in self.before.objects}
        schema, *rest = (self.schemas.get(origin[0], origin[0]), *origin[1:])
        table, own = rest if len(rest) > 1 else ("", rest[0])
        if table:  # the table may have had another name
            held = self.origins.get((schema, table), (schema, table))
            return (*held, own) in kept
        return any((schema, own) == (each[0], each[2]) for each in kept)


def renames(statements: Iterable[Statement], before: Catalog, after: Catalog) -> tuple[Rename, ...]:
    """Return what a migration renamed or moved to another schema, the last one first.

    before, after: the schema around the migration. What the file itself created is left out.
    """
    names = _Names(before, after)
    for statement in statements:
        if not mentioned(statement.text, "alter"):
            continue
        for node in parse(statement.text) or ():
            names.found.extend(_renames(node, names))
    return tuple(reversed(names.found))


def _renames(node: Node, names: _Names) -> Iterator[Rename]:
    match node.kind:
        case "RenameStmt":
            yield from _renamed(node, names)
        case "AlterObjectSchemaStmt":
            yield from _moved(node, names)
        case "AlterEnumStmt" if node.text("old_val"):
            *schema, own = (each.text("sval") for each in node.children("type_name"))
            kind = f"{name(names.schema(''.join(schema), own))}.{name(own)}"
            old, new = literal(node.text("old_val")), literal(node.text("new_val"))
            yield Rename(f"alter type {kind} rename value ", " to ", old, new)


def _renamed(node: Node, names: _Names) -> Iterator[Rename]:
    kind, sub, new = node.text("rename_type"), node.text("subname"), node.text("newname")
    if kind == "OBJECT_SCHEMA":
        if any(each.kind == "schema" and each.name == sub for each in names.before.objects):
            names.schemas[new] = sub
            yield Rename("alter schema ", " rename to ", name(sub), name(new))
        return
    target = _target(node)
    if target is None:
        return
    schema, own = names.schema(target[0], target[1]), target[1]
    if kind in _OWN:
        if names.became((schema, own), (schema, new)):
            yield Rename(f"alter {_OWN[kind]} {name(schema)}.", " rename to ", name(own), name(new))
    elif kind in _PARTS and names.became((schema, own, sub), (schema, own, new)):
        of, word = _PARTS[kind]
        whole = of.format(f"{name(schema)}.{name(own)}")
        yield Rename(f"alter {whole} rename {word}", " to ", name(sub), name(new))
    elif kind in _ON and names.became((schema, own, sub), (schema, own, new)):
        place = f" on {name(schema)}.{name(own)} rename to "
        yield Rename(f"alter {_ON[kind]} ", place, name(sub), name(new))


def _moved(node: Node, names: _Names) -> Iterator[Rename]:
    kind, new, target = node.text("object_type"), node.text("newschema"), _target(node)
    if target is None or kind not in _OWN:
        return
    schema, own = names.schema(target[0], target[1]), target[1]
    if not target[0]:
        schema = _schema_before(names, own, new) or schema
    if names.became((schema, own), (new, own)):
        whole = f"{name(new)}.{name(own)}"
        yield Rename(f"alter {_OWN[kind]} ", " set schema ", name(schema), whole, set_schema=True)


def _schema_before(names: _Names, own: str, new: str) -> str | None:
    """Return the schema that an object was in before it was moved to `new`."""
    found = [each.schema for each in names.before.objects if each.name == own and not each.table]
    others = [schema for schema in found if schema != new]
    return "public" if "public" in others else next(iter(others), None)


def _target(node: Node) -> tuple[str, str] | None:
    """Return schema ("" where none is written) and name of what is renamed, or of its table."""
    relation = node.child("relation")
    if relation is not None:
        return relation.text("schemaname"), relation.text("relname")
    listed = node.child("object")
    if listed is None:
        return None
    if listed.kind == "TypeName":
        parts = [each.text("sval") for each in listed.children("names")]
    elif listed.kind == "List":
        parts = [each.text("sval") for each in listed.children("items") if each.kind == "String"]
    else:
        return None
    return ("".join(parts[:-1]), parts[-1]) if parts else None

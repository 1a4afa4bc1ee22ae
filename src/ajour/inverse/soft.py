"""The soft form of what destroys: a column is renamed, a table moved away, and the rows stay.

Its inverse is exact. What was put away is dropped by a later migration, when nobody misses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ajour.catalog.objects import Catalog, Identity
from ajour.inverse.words import holder, name, text
from ajour.model import Migration, Statement
from ajour.sql.parse import Node, parse
from ajour.sql.split import split
from ajour.sql.targets import dropped

TRASH = "_trash"
"""The schema that tables are moved to."""

PREFIX = "_dropped_"
"""What stands before the name of a column that is put away."""

_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Softened:
    """A migration with what destroys in its soft form."""

    file: Migration
    lines: tuple[int, ...]
    """Where statements were replaced, in the old text."""
    left: tuple[tuple[int, str], ...]
    """Where something destroys and stays as it is: the line, and why."""


def softened(file: Migration, before: Catalog) -> Softened:
    """Return the migration with its DROP COLUMN and DROP TABLE in the soft form.

    before: the schema just before it, for the foreign keys of a table. Raises Refusal for a text
    that cannot be split into statements.
    """
    whole, lines, left = file.text, [], []
    for statement in reversed(split(file.text, file.path)):
        for node in parse(statement.text) or ():
            found = _soft(node, before)
            if isinstance(found, str):
                left.append((statement.line, found))
            elif found:
                whole = _replaced(whole, statement, found)
                lines.append(statement.line)
    return Softened(replace(file, text=whole), tuple(reversed(lines)), tuple(reversed(left)))


def _replaced(whole: str, statement: Statement, found: list[str]) -> str:
    end = statement.offset + len(statement.text)
    return whole[: statement.offset] + ";\n".join(found) + whole[end:]


def _soft(node: Node, before: Catalog) -> list[str] | str:
    """Return the soft form of a statement, or why there is none; nothing where it is not needed."""
    if node.kind == "DropStmt" and node.text("remove_type") == "OBJECT_TABLE":
        return [*_tables(node, before)]
    if node.kind == "DropStmt" and node.text("remove_type") == "OBJECT_SCHEMA":
        return "A schema is dropped with all that is in it: move its tables away before."
    if node.kind == "AlterTableStmt" and node.text("objtype") == "OBJECT_TABLE":
        return _columns(node)
    return []


def _columns(node: Node) -> list[str] | str:
    commands, relation = node.children("cmds"), node.child("relation")
    gone = [each.text("name") for each in commands if each.text("subtype") == "AT_DropColumn"]
    if not gone or relation is None:
        return []
    if len(gone) < len(commands):
        return "One ALTER TABLE drops columns and does other things: give each its own."
    table = _written((relation.text("schemaname"), relation.text("relname")))
    found = []
    for column in gone:
        kept = f"{PREFIX}{column}"
        if len(kept.encode()) > _LONGEST:
            return f"{kept} is too long for a name."
        found.append(f"alter table {table} rename column {name(column)} to {name(kept)}")
        found.append(f"alter table {table} alter column {name(kept)} drop not null")
    return found


def _tables(node: Node, before: Catalog) -> Iterator[str]:
    """Yield what moves tables away. Foreign keys from and to them would go on to be enforced."""
    yield f"create schema if not exists {TRASH}"
    names = [("".join(each[:-1]), each[-1]) for each in dropped(node)]
    tables = {_found(each, before) for each in names}
    for identity, each in sorted(before.objects.items()):
        if each.kind != "constraint" or text(each, "type") != "foreign key":
            continue
        ends = {need for need in each.depends_on if need.kind == "table"}
        columns = {need for need in each.depends_on if need.kind in {"column", "constraint"}}
        ends |= {Identity("table", need.schema, need.table) for need in columns}
        if each.parent in tables or ends & tables:
            yield f"alter table {holder(identity)} drop constraint {name(identity.name)}"
    yield from (f"alter table {_written(each)} set schema {TRASH}" for each in names)


def _found(written: tuple[str, str], before: Catalog) -> Identity | None:
    schema, own = written
    found = [
        each
        for each in before.objects
        if each.kind == "table" and each.name == own and schema in ("", each.schema)
    ]
    return min(found, key=lambda each: each.schema != "public", default=None)


def _written(parts: tuple[str, str]) -> str:
    return ".".join(name(each) for each in parts if each)

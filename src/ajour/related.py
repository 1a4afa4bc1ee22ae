"""Which files name what others name: the rest need not be read to judge them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ajour.model import Migration, Script
from ajour.sql.blocks import parts
from ajour.sql.parse import Node
from ajour.sql.plain_rows import looked_at
from ajour.sql.targets import dropped

_LAST = {
    "AlterDomainStmt": "type_name",
    "AlterEnumStmt": "type_name",
    "CreateFunctionStmt": "funcname",
    "CreateTrigStmt": "funcname",
    "ObjectWithArgs": "objname",
}
"""The fields that name something by a list of String nodes: schema, name."""

_MAKES = r"\b(?:function|procedure|type|domain)\s+(?:if\s+not\s+exists\s+)?[\w.\"$]*?(?<![\w$])"
"""Types and functions bear the names of PostgreSQL's own: it counts who makes one."""


def related(
    files: Sequence[Migration], chosen: Collection[str], scripts: Mapping[str, Script]
) -> tuple[Migration, ...]:
    """Return the files whose names are `chosen`, and those that name the same things.

    `scripts` has the steps of the chosen ones, by name. What a name means is not looked at: a file
    too many costs a little time. Files keep their order.
    """
    others = [file for file in files if file.name not in chosen]
    if not others:
        return tuple(files)
    things, made = _named(script for name, script in scripts.items() if name in chosen)
    maker = re.compile(f"{_MAKES}(?:{'|'.join(map(re.escape, sorted(made)))})(?![\\w$])")

    def says(file: Migration) -> bool:
        text = file.text.lower()
        return any(name in text for name in things) or bool(made and maker.search(text))

    return tuple(file for file in files if file.name in chosen or says(file))


def _named(scripts: Iterable[Script]) -> tuple[set[str], set[str]]:
    """Return the names of relations, and those of types and functions, in small letters."""
    things: set[str] = set()
    made: set[str] = set()
    for script in scripts:
        for _, statement in looked_at(script):
            for part in parts(statement) or ():
                things |= {name.lower() for name in _relations(part.node)}
                made |= {name.lower() for name in _others(part.node)}
    return things - {""}, made - {""}


def _relations(statement: Node) -> Iterator[str]:
    for node in statement.walk():
        if node.kind == "RangeVar":
            yield node.text("relname")
    if statement.kind == "DropStmt":
        yield from (names[-1] for names in dropped(statement) if names)
    elif statement.kind == "RenameStmt":
        yield statement.text("newname")


def _others(statement: Node) -> Iterator[str]:
    for node in statement.walk():
        if node.kind in _LAST:
            yield from (part.text("sval") for part in node.children(_LAST[node.kind])[-1:])
        elif node.kind in ("FuncCall", "TypeName"):
            field = "funcname" if node.kind == "FuncCall" else "names"
            *schema, name = (part.text("sval") for part in node.children(field))
            if schema != ["pg_catalog"]:
                yield name

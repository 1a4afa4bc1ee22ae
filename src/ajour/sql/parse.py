"""SQL to a syntax tree: the only module that knows the parser, and its only face.

The parser is libpg_query, through postgast; its grammar is the one of PostgreSQL 18. It is
imported at the first call: that costs about 80 ms, and most runs never need it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

LONGEST = 16_000
"""Characters. libpg_query walks its tree by recursion and crashes the process at a depth of some
16,000 with a stack of 8 MB; one level takes at least two characters (1+1+1+…)."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a syntax tree. `kind` and the fields' names are libpg_query's."""

    kind: str
    _message: Any
    """The protobuf message, which is typed by its descriptor alone."""

    def flag(self, field: str) -> bool:
        """Return a true-or-false field."""
        return bool(getattr(self._message, field))

    def text(self, field: str) -> str:
        """Return a text field, or the name of an enumeration's value."""
        value = getattr(self._message, field)
        enum = self._message.DESCRIPTOR.fields_by_name[field].enum_type
        return str(enum.values_by_number[value].name if enum else value)

    def child(self, field: str) -> "Node | None":
        """Return the node in a field, or None where the field is not set."""
        return _node(getattr(self._message, field)) if self._message.HasField(field) else None

    def children(self, field: str) -> "tuple[Node, ...]":
        """Return the nodes of a list."""
        return tuple(_node(message) for message in getattr(self._message, field))

    @property
    def location(self) -> int | None:
        """Where it begins in the text that was parsed, in bytes from 0; None where not known."""
        known = "location" in self._message.DESCRIPTOR.fields_by_name
        return int(self._message.location) if known and self._message.location >= 0 else None

    def has(self, field: str) -> bool:
        """Return whether a field that holds a node, or a list, holds anything."""
        value = getattr(self._message, field)
        return len(value) > 0 if hasattr(value, "__len__") else self._message.HasField(field)

    def walk(self) -> "Iterator[Node]":
        """Yield this node and all that are below it, each before those inside of it."""
        messages = [self._message]
        while messages:
            message = messages.pop()
            if message.DESCRIPTOR.name == "Node":
                which = message.WhichOneof("node")
                messages += [getattr(message, which)] if which else []
                continue
            yield _node(message)
            inside: list[Any] = []
            for field, value in message.ListFields():
                if field.message_type is not None:
                    inside += [value] if hasattr(value, "DESCRIPTOR") else value
            messages += reversed(inside)

    def only(self, field: str, child: "Node") -> "Node":
        """Return a copy of this node with nothing but `child` in a list that it is in."""
        copy = type(self._message)()
        copy.CopyFrom(self._message)
        listed = getattr(copy, field)
        kept = [message for message in listed if _node(message) == child]
        del listed[:]
        listed.extend(kept)
        return Node(self.kind, copy)

    def options(self, field: str = "options") -> dict[str, str | None]:
        """Return a list of options as names and values; None for an option without a value."""
        return {node.text("defname"): _value(node.child("arg")) for node in self.children(field)}


def parse(sql: str) -> tuple[Node, ...] | None:
    """Return the statements of `sql`, one node for each.

    None where the parser cannot tell: a syntax error, the syntax of a newer server, a tree that
    is nested too deep, or more than `LONGEST` characters.
    """
    if len(sql) > LONGEST or "\0" in sql:
        return None
    # By name: postgast's type stubs are no valid Python (a field is called def), and protobuf has
    # none. A type checker that followed these imports would stop there.
    postgast = import_module("postgast")
    protobuf = import_module("google.protobuf.message")
    try:
        tree = postgast.parse(sql)
    except (postgast.PgQueryError, protobuf.DecodeError):
        return None
    return tuple(_node(raw.stmt) for raw in tree.stmts)


def parse_block(sql: str) -> Any:
    """Return what PL/pgSQL reads in a DO block: libpg_query's lists and dictionaries.

    None where it cannot read it. Only the lines that statements begin on are told, not where.
    """
    if len(sql) > LONGEST or "\0" in sql:
        return None
    postgast = import_module("postgast")
    for text in (sql, sql.replace("[]", "  ")):  # arrays of types that it does not know stop it
        try:
            return postgast.parse_plpgsql(text)
        except postgast.PgQueryError:
            continue
    return None


def syntax_error(sql: str) -> tuple[str, int] | None:
    """Return what PostgreSQL 18 would say about `sql`, and where: in characters, from 0.

    None where it can be read, and where the parser cannot tell.
    """
    if len(sql) > LONGEST or "\0" in sql:
        return None
    postgast = import_module("postgast")
    try:
        postgast.parse(sql)
    except postgast.PgQueryError as error:
        return str(error.message), max(0, error.cursorpos - 1)
    except import_module("google.protobuf.message").DecodeError:
        return None
    return None


def written(part: Node) -> str:
    """Return an expression, or a type's name, as SQL writes it."""
    postgast = import_module("postgast")
    is_type = part.kind == "TypeName"
    tree = postgast.parse("select null::int" if is_type else "select 1")
    value = tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val
    if is_type:
        value.type_cast.type_name.CopyFrom(part._message)
    else:
        fields = value.DESCRIPTOR.fields
        field = next(each.name for each in fields if each.message_type.name == part.kind)
        getattr(value, field).CopyFrom(part._message)
    return str(postgast.deparse(tree)).removeprefix("SELECT ").removeprefix("NULL::")


def _node(message: Any) -> Node:
    if message.DESCRIPTOR.name == "Node":
        message = getattr(message, message.WhichOneof("node"))
    return Node(message.DESCRIPTOR.name, message)


def _value(node: Node | None) -> str | None:
    """Return an option's value as it would be written, in lower case."""
    if node is None:
        return None
    if node.kind == "TypeName":  # a bare word such as off, when it is no keyword
        node = node.children("names")[-1]
    fields = {"String": "sval", "Integer": "ival", "Float": "fval", "Boolean": "boolval"}
    return node.text(fields[node.kind]).lower() if node.kind in fields else ""

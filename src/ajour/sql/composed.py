"""What an EXECUTE of PL/pgSQL runs, as far as its expression tells: format(), ||, variables."""

import re
from dataclasses import dataclass

from ajour.sql.names import quote
from ajour.sql.parse import Node, parse

_LONG = 1 << 16
"""Characters from which on a text that variables make is not followed: `s := s || s` has no end."""

_OPEN, _CLOSE = "\ue000", "\ue001"
"""What is put around the name of something unknown, until it is clear how it is quoted."""

_HOLE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_WORDS = re.compile(
    rf"""'(?:[^']|'')*'|"[^"]*"|(?P<bare>[\w$]*(?:{_OPEN}[^{_CLOSE}]*{_CLOSE}[\w$]*)+)"""
)
_FORMAT = re.compile(r"%(?:%|(?:(\d+)\$)?-?\d*([sIL]))")
_ASSIGN = re.compile(r"\s*([\w$]+)\s*:?=(.*)", re.DOTALL)
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Made:
    """A text that is run."""

    sql: str
    """What is unknown stands in it as a name in angle brackets."""
    unsure: bool
    """Something is unknown that is not the text of a constant."""


class Composer:
    """Reads expressions that make SQL, and remembers what variables are set to."""

    def __init__(self) -> None:
        self._variables: dict[str, str | None] = {}
        self._values: dict[str, str | None] = {}
        """What they hold, as far as they were looked up since one was set."""

    def assign(self, assignment: str) -> None:
        """Remember `name := expression`; of a variable that is set twice nothing is known."""
        read = _ASSIGN.fullmatch(assignment)
        if read:
            name = read[1].lower()
            self._variables[name] = None if name in self._variables else read[2]
            self._values.clear()

    def made(self, expression: str) -> Made | None:
        """Return the text that an expression makes; None where it is no expression."""
        text = self._text(expression)
        if text is None:
            return None
        names = (each[0] for each in _WORDS.finditer(text) if not each[0].startswith("'"))
        unsure = any(_OPEN in each for each in names)
        return Made(_WORDS.sub(_quoted, text), unsure)

    def _text(self, expression: str) -> str | None:
        """Return what an expression makes, with marks around what is unknown."""
        nodes = parse(f"select {expression}")
        targets = (
            nodes[0].children("target_list") if nodes and nodes[0].kind == "SelectStmt" else ()
        )
        value = targets[0].child("val") if targets else None
        return self._of(value) if value is not None else None

    def _value(self, name: str) -> str | None:
        """Return what a variable holds; None where that is unknown, or made of itself."""
        expression = self._variables.get(name)
        if name not in self._values and expression is not None:
            self._values[name] = None
            value = self._text(expression)
            self._values[name] = value if value is not None and len(value) < _LONG else None
        return self._values.get(name)

    def _of(self, node: Node) -> str:
        if node.kind == "A_Const":
            text = node.child("sval")
            return text.text("sval") if text is not None else _constant(node)
        if node.kind == "TypeCast":
            inside = node.child("arg")
            return self._of(inside) if inside is not None else _unknown(node)
        if node.kind == "A_Expr" and node.children("name")[-1].text("sval") == "||":
            sides = (node.child("lexpr"), node.child("rexpr"))
            return "".join(self._of(side) for side in sides if side is not None)
        if node.kind == "FuncCall":
            return self._call(node)
        if node.kind == "ColumnRef" and len(node.children("fields")) == 1:
            value = self._value(_name(node))
            return _unknown(node) if value is None else value
        return _unknown(node)

    def _call(self, node: Node) -> str:
        arguments = node.children("args")
        match _name(node):
            case "concat":
                return "".join(self._of(each) for each in arguments)
            case "quote_ident" if arguments:
                return _identifier(self._of(arguments[0]))
            case "quote_literal" | "quote_nullable" if arguments:
                return _literal(self._of(arguments[0]))
            case "format" if arguments and not node.flag("func_variadic"):
                return self._format(*(self._of(each) for each in arguments))
        return _unknown(node)

    def _format(self, template: str, *values: str) -> str:
        """Do what format() does. Where there are too few values, something is unknown."""
        last = 0

        def one(found: re.Match[str]) -> str:
            nonlocal last
            if found[2] is None:
                return "%"
            last = int(found[1]) if found[1] else last + 1
            value = values[last - 1] if 0 < last <= len(values) else f"{_OPEN}…{_CLOSE}"
            kind = found[2]
            return _identifier(value) if kind == "I" else _literal(value) if kind == "L" else value

        return _FORMAT.sub(one, template)


def _constant(node: Node) -> str:
    number = node.child("ival")
    return number.text("ival") if number is not None else _unknown(node)


def _identifier(value: str) -> str:
    return value if _OPEN in value or _PLAIN.fullmatch(value) else quote(value)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _unknown(node: Node) -> str:
    return f"{_OPEN}{_name(node)}{_CLOSE}"


def _name(node: Node) -> str:
    """Return what a variable, a field or a function is called; otherwise three dots."""
    fields = {"ColumnRef": "fields", "FuncCall": "funcname"}
    names = node.children(fields[node.kind]) if node.kind in fields else ()
    return names[-1].text("sval") if names and names[-1].kind == "String" else "…"


def _quoted(found: re.Match[str]) -> str:
    """Write names for what is unknown; those that are not in quotes get them."""
    text = _HOLE.sub(r"<\1>", found[0])
    return quote(text) if found["bare"] else text

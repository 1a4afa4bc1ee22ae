"""The statements inside of DO blocks: they run when the migration does, so rules look at them.

Branches and handlers are read as if they ran. Bodies of functions are not looked at: they run
later, or never.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ajour.model import Statement
from ajour.sql.composed import Composer
from ajour.sql.parse import Node, parse, parse_block

_DO = re.compile(r"\s*do\b", re.IGNORECASE)
_EXECUTE = re.compile(r"(?<![\w$])execute(?![\w$])", re.IGNORECASE)
_OPENS = re.compile(r"\$[^$\s]*\$|[uUeE]?&?'")
_LOOPS = re.compile(r"PLpgSQL_stmt_(?:loop|while|for[ics]|foreach_a|dynfors)")
_VERB = re.compile(r"\s*[a-z]+\s", re.IGNORECASE)
_STATIC = {"execsql": "sqlstmt", "perform": "expr", "call": "expr", "fors": "query"}
"""Statements of PL/pgSQL that are SQL, and the field that has it."""
_DYNAMIC = {"dynexecute": "query", "dynfors": "query"}
"""Those that run what an expression gives."""
_LATER = (
    *("then_body", "elsif_list", "case_when_list", "else_body", "else_stmts"),
    *("stmts", "body", "exceptions", "exc_list", "action"),
)
"""The fields with what stands behind the statement that they are of, in this order."""


@dataclass(frozen=True, slots=True)
class Composed(Statement):
    """A statement that the file does not have as such: it stands where its text is made."""

    said: str = ""

    @property
    def text(self) -> str:
        """The statement, as far as it is known; what is not has a name such as <table>."""
        return self.said


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something of a DO block that cannot be read."""

    offset: int
    """Where it begins in the text of the block, in characters."""
    begins: str | None
    """What it begins with, such as "alter table <table>"; None where not even that is known."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is judged as one statement: one of the file, or one inside of its DO blocks."""

    statement: Statement
    node: Node
    block: Statement | None = None
    """The DO block that it stands in."""
    loops: bool = False
    """It stands in a loop."""
    unsure: bool = False
    """Names in it are known only when it runs."""
    unseen: tuple[Unseen, ...] = ()
    """What of a DO block cannot be read: all of it, or what some EXECUTE runs."""


def parts(statement: Statement) -> tuple[Part, ...] | None:
    """Return the nodes of a statement, each DO block before what stands in it.

    None where the parser cannot read it.
    """
    nodes = parse(statement.text)
    if nodes is None or not _DO.match(statement.text):
        return None if nodes is None else tuple(Part(statement, node) for node in nodes)
    found: list[Part] = []
    for node in nodes:
        inside = [*_read(statement, node)]
        unseen = tuple(each for each in inside if isinstance(each, Unseen))
        found.append(Part(statement, node, unseen=unseen))
        found += (each for each in inside if isinstance(each, Part))
    return tuple(found)


def _read(statement: Statement, node: Node) -> Iterator[Part | Unseen]:
    if node.kind != "DoStmt" or (_language(node) or "plpgsql") != "plpgsql":
        return
    tree = parse_block(statement.text)
    if tree is None:
        yield Unseen(0, None)
        return
    reader = _Reader(statement, node)
    for function in tree:
        yield from reader.read(function["PLpgSQL_function"])


def _language(node: Node) -> str | None:
    found = (each for each in node.children("args") if each.text("defname") == "language")
    named = next((each.child("arg") for each in found), None)
    return named.text("sval").lower() if named is not None else None


class _Reader:
    """One DO block. Places are offsets in its text, in characters."""

    def __init__(self, block: Statement, node: Node) -> None:
        self.block, self.text = block, block.text
        body = next(each for each in node.children("args") if each.text("defname") == "as")
        at = len(self.text.encode()[: body.location].decode(errors="ignore"))
        opens = _OPENS.match(self.text, at)
        self.start = opens.end() if opens else at
        self.verbatim = bool(opens) and self.text[self.start - 1] == "$"
        breaks = re.compile("\n").finditer(self.text, self.start)
        self.lines = [self.start, *(each.end() for each in breaks)]
        self.at = self.start
        self.composer = Composer()

    def read(self, function: dict[str, Any]) -> Iterator[Part | Unseen]:
        """Yield what runs, in the order in which it is written."""
        for datum in function.get("datums", ()):
            for variable in datum.values():
                if "default_val" in variable:
                    expression = variable["default_val"]["PLpgSQL_expr"]["query"]
                    self.composer.assign(f"{variable['refname']} := {expression}")
        yield from self._walk(function.get("action"), loops=False)

    def _walk(self, tree: Any, *, loops: bool) -> Iterator[Part | Unseen]:
        if isinstance(tree, list):
            for each in tree:
                yield from self._walk(each, loops=loops)
            return
        if not isinstance(tree, dict):
            return
        for kind, fields in tree.items():
            if kind.startswith("PLpgSQL_stmt_"):
                yield from self._statement(kind.removeprefix("PLpgSQL_stmt_"), fields, loops)
            if isinstance(fields, dict):
                inside = loops or bool(_LOOPS.fullmatch(kind))
                for later in _LATER:
                    yield from self._walk(fields.get(later), loops=inside)
            elif isinstance(fields, list):
                yield from self._walk(fields, loops=loops)

    def _statement(self, kind: str, fields: dict[str, Any], loops: bool) -> Iterator[Part | Unseen]:
        line = min(max(fields.get("lineno", 1), 1), len(self.lines))
        self.at = max(self.at, self.lines[line - 1])
        if kind == "assign":
            self.composer.assign(fields["expr"]["PLpgSQL_expr"]["query"])
        elif kind in _STATIC:
            sql = fields[_STATIC[kind]]["PLpgSQL_expr"]["query"]
            statement = self._found(sql)
            yield from (
                Part(statement, each, self.block, loops) for each in parse(statement.text) or ()
            )
        elif kind in _DYNAMIC:
            yield from self._dynamic(fields[_DYNAMIC[kind]]["PLpgSQL_expr"]["query"], loops)

    def _dynamic(self, expression: str, loops: bool) -> Iterator[Part | Unseen]:
        word = _EXECUTE.search(self.text, self.at)
        self.at = word.end() if word else self.at
        at = self._find(expression)
        made = self.composer.made(expression)
        nodes = parse(made.sql) if made is not None else None
        if made is None or not nodes:
            begins = made is not None and _VERB.match(made.sql)
            yield Unseen(at, made.sql if made and begins else None)
            return
        inside = self.text.find(made.sql, at, at + len(expression))
        if self.verbatim and not made.unsure and inside >= 0:
            statement = self._cut(inside, len(made.sql))
        else:
            statement = self._composed(at, made.sql)
        yield from (Part(statement, each, self.block, loops, made.unsure) for each in nodes)

    def _found(self, sql: str) -> Statement:
        """Return a statement with its place; INTO is blank in it, and PERFORM is SELECT."""
        at = self._find(sql)
        if self.verbatim and self.text.startswith(sql, at):
            return self._cut(at, len(sql))
        return self._composed(at, sql)

    def _find(self, sql: str) -> int:
        """Return where a text stands, from here on; or only its beginning, or its line."""
        for words in (sql, sql.removeprefix("SELECT "), *sql.split(None, 1)[:1]):
            pattern = re.compile(rf"(?<![\w$]){re.escape(words)}")
            found = pattern.search(self.text, self.at)
            if found:
                self.at = found.end()
                return found.start()
        return self.at

    def _cut(self, at: int, length: int) -> Statement:
        line, column = self._place(at)
        start = self.block.offset + at
        return Statement(self.block.whole, start, line, column, start + length)

    def _composed(self, at: int, sql: str) -> Statement:
        line, column = self._place(at)
        start = self.block.offset + at
        return Composed(self.block.whole, start, line, column, start, said=sql)

    def _place(self, at: int) -> tuple[int, int]:
        """Return line and column in the file."""
        lines = self.text.count("\n", 0, at)
        before = self.text.rfind("\n", 0, at) + 1
        column = at - before + 1
        return self.block.line + lines, column if lines else self.block.column + at

"""What a rule is made of, and what it is shown: the facts of a statement, and what is around it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ajour.effects import BLOCKS_WRITES, Effect, Lock
from ajour.model import Finding, Level, Migration, Relation, Script, Statement, Where
from ajour.profiles import Profile
from ajour.sql.blocks import Composed, Part
from ajour.sql.guard import Routine
from ajour.sql.learn_guard import routine_of
from ajour.sql.locks import effects
from ajour.sql.parse import Node
from ajour.sql.position import place_of
from ajour.sql.schema import Schema
from ajour.sql.types import Type

Family = Literal[
    "runner", "destructive", "locks", "rewrites", "data", "breaking", "security", "design"
]

FAMILIES: dict[Family, str] = {
    "destructive": "What destroys data",
    "locks": "What locks, scans or builds",
    "rewrites": "What rewrites a table",
    "data": "What fails on some data",
    "breaking": "What breaks running clients",
    "security": "What opens a door",
    "design": "What makes it slow later",
    "runner": "What is not in the database alone",
}
"""Each family and its heading, in the order of docs/rules/."""

EXEMPT: frozenset[Family] = frozenset({"destructive", "locks", "rewrites", "data", "breaking"})
"""Families that have nothing to say about what the same files created: nobody uses it yet."""

UNSURE: frozenset[Family] = frozenset({"destructive", "locks", "rewrites", "breaking", "security"})
"""Families that say something of a statement though names in it are unknown: an EXECUTE's."""

MAJORS = range(13, 19)

_WITHOUT_ROWS = ("view", "sequence", "foreign table")
_DROPS = ("OBJECT_TABLE", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a rule says that its statement does to a relation. Tests compare it with a server."""

    lock: Lock
    rewrites: bool = False
    scans: bool = False
    builds: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """The data of a rule. Its page is the docstring of its file."""

    name: str
    """The name of its file with dashes: what it finds."""
    level: Level
    family: Family
    kinds: tuple[str, ...] = ()
    """The kinds of nodes that `check` is called for; empty for all."""
    majors: range = MAJORS
    """The majors of PostgreSQL that it holds for."""
    profile: str | None = None
    """The profile that it holds for; None for all."""
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding that a later statement, also of a later file, may still mend."""

    finding: Finding
    stands: Callable[[Schema], bool]
    """Tells from what is known after all files whether it is one."""


@dataclass(frozen=True)
class Facts:
    """One statement."""

    part: Part
    step: int
    """The index of the step that it runs in; the statements of a step are one transaction."""
    transactional: bool
    targets: tuple[Relation, ...]
    """The relations that it names as its objects, without those that the same files created."""
    schema: Schema
    """What is known of the database before it."""
    together: tuple[str, ...]
    """The names of the files that nobody sees between, see Context."""
    look: Callable[[], tuple[Effect, ...]]

    @property
    def statement(self) -> Statement:
        """Its text, with its place."""
        return self.part.statement

    @property
    def node(self) -> Node:
        """Its syntax tree."""
        return self.part.node

    @property
    def kind(self) -> str:
        """The kind of its node."""
        return self.part.node.kind

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What it does to relations, see sql/locks.py; worked out when first asked for."""
        return self.look()

    @cached_property
    def in_use(self) -> tuple[Effect, ...]:
        """What it does to relations that the same files did not create."""
        return self._in_use(self.effects)

    @cached_property
    def kept(self) -> tuple[Effect, ...]:
        """What it keeps locked until its transaction ends, so that others wait.

        That is `SHARE` or stronger, on tables that are in use and that it does not drop.
        """
        drops = self.kind == "DropStmt" and self.node.text("remove_type") in _DROPS
        gone = self.targets if drops else ()
        return tuple(
            each
            for each in self.in_use
            if self.transactional and each.lock in BLOCKS_WRITES and each.relation not in gone
            if each.relation and self._has_rows(each.relation)
        )

    @cached_property
    def routine(self) -> Routine:
        """The function that it makes, where it is a CREATE FUNCTION."""
        return routine_of(self.schema, self.node)

    def effects_of(self, command: Node, major: int) -> tuple[Effect, ...]:
        """Return what one command of its ALTER TABLE does to relations that are in use."""
        if len(self.node.children("cmds")) == 1:
            return self.in_use
        return self._in_use(effects(self.node.only("cmds", command), self.schema, major))

    def rewrites(self, command: Node, major: int) -> bool:
        """Tell whether one command of its ALTER TABLE writes a relation in use anew."""
        return any(each.rewrites for each in self.effects_of(command, major))

    def _in_use(self, found: Iterable[Effect]) -> tuple[Effect, ...]:
        schema, files = self.schema, self.together
        return tuple(
            each
            for each in found
            if each.relation is None or not schema.created_in(each.relation, *files)
        )

    def _has_rows(self, relation: Relation) -> bool:
        table = self.schema.tables.get(relation)
        return table is None or table.kind not in _WITHOUT_ROWS


@dataclass(frozen=True)
class Context:
    """What is around a statement."""

    file: Migration
    script: Script
    before: Sequence[Facts]
    """The statements of the file before this one; for `check_file`, all of them."""
    unread: Sequence[Statement]
    """Statements of the file so far that the parser cannot read."""
    schema: Schema
    """What is known of the database before the statement; for `check_file`, after the file."""
    major: int
    profile: Profile
    together: tuple[str, ...]
    """The names of the files that nobody sees between: this file, or all that will run."""
    known: Callable[[], tuple[str, ...]]
    """Gives what an allow comment can name."""

    def is_new(self, relation: Relation) -> bool:
        """Tell whether these files created the relation themselves."""
        return self.schema.created_in(relation, *self.together)

    def held(self, facts: Facts) -> Iterator[tuple[Facts, Effect]]:
        """Yield what the transaction has locked when a statement begins, with the one that did."""
        for earlier in self.before:
            if earlier is facts:
                break
            if earlier.step == facts.step:
                yield from ((earlier, each) for each in earlier.kept)

    def added_columns(self, relation: Relation) -> set[str]:
        """Return the columns that earlier statements of the file have added to a table."""
        return {
            column.text("colname")
            for facts in self.before
            if relation in facts.targets
            for command in commands(facts.node, "AT_AddColumn")
            if (column := command.child("def")) is not None
        }

    @property
    def may_run_alone(self) -> bool:
        """Whether nothing is torn apart when the statements of the file run one by one."""
        statements = (each for step in self.script.steps for each in step.statements)
        block = _BLOCK.search(self.file.text)
        return block is None and all(_UPKEEP.match(each.text) for each in statements)

    def settles(self, relation: Relation) -> bool:
        """Tell whether the file saw to the rows of a table before: it changes or deletes some.

        A DO block that names the table may have.
        """
        return any(
            relation in each.targets
            if each.kind in _CHANGES_ROWS
            else each.kind == "DoStmt" and relation.name in each.statement.text
            for each in self.before
        )

    def finding(
        self,
        rule: Rule,
        about: Facts | Statement,
        message: str,
        help_: str | None = None,
        at: Node | str | int | None = None,
        relation: Relation | None = None,
    ) -> Finding:
        """Return a finding about a statement.

        It points at the statement's first line; with `at`, at a node of it, at the first place
        where a word stands, or at an offset in its text. It is about the `relation`; without it,
        about the only target that the statement has.
        """
        statement = about.statement if isinstance(about, Facts) else about
        targets = about.targets if isinstance(about, Facts) else ()
        if relation is None and len(targets) == 1:
            (relation,) = targets
        where = self._where(statement, at)
        return Finding(rule.name, rule.level, message, where, help_, relation=relation)

    def _where(self, statement: Statement, at: Node | str | int | None) -> Where:
        offset = None if isinstance(statement, Composed) else _offset(statement.text, at)
        word = _WORD.match(statement.text, offset) if offset is not None else None
        return place_of(self.file, statement, offset or 0, len(word[0]) if word else 0)


_CHANGES_ROWS = {"DeleteStmt", "MergeStmt", "TruncateStmt", "UpdateStmt"}


def commands(node: Node, *subtypes: str) -> Iterator[Node]:
    """Yield the commands of an ALTER TABLE that are of these kinds, such as AT_DropColumn."""
    for command in node.children("cmds") if node.kind == "AlterTableStmt" else ():
        if command.text("subtype") in subtypes:
            yield command


def type_changes(facts: "Facts") -> Iterator[tuple[Relation, str, Type, Type]]:
    """Yield table, column, old and new type of each change of type whose old one is known."""
    for command in commands(facts.node, "AT_AlterColumnType"):
        definition = command.child("def")
        written = definition.child("type_name") if definition else None
        for relation in facts.targets:
            table = facts.schema.tables.get(relation)
            column = table.column(command.text("name")) if table else None
            if written is not None and column is not None and column.type is not None:
                yield relation, column.name, column.type, facts.schema.read_type(written)


def constraints(command: Node, *types: str) -> tuple[Node, ...]:
    """Return the constraints of these types that a command adds, also with a column."""
    added = command.child("def")
    if added is None:
        return ()
    found = (added,) if added.kind == "Constraint" else added.children("constraints")
    return tuple(each for each in found if each.text("contype") in types)


def keyword(word: str, like: str) -> str:
    """Return a keyword in small letters or capitals, as another one is written."""
    return word.lower() if like.islower() else word.upper()


def always_true(condition: Node | None) -> bool:
    """Tell whether a WHERE leaves nothing out: it is not there, or compares constants."""
    if condition is None:
        return True
    if condition.kind == "A_Const":
        value = condition.child("boolval")
        return value is not None and value.flag("boolval")
    if condition.kind != "A_Expr":
        return False
    sides = condition.child("lexpr"), condition.child("rexpr")
    return all(side is not None and side.kind == "A_Const" for side in sides)


def picks_rows(node: Node) -> bool:
    """Tell whether a statement names the few rows that it means: by values that are written down.

    That is a value or a list of values that a column is compared with, and BETWEEN; alone or with
    AND. What it reads beside, through FROM or a query inside, is not looked at.
    """
    where = {"UpdateStmt", "DeleteStmt", "SelectStmt"}
    condition = node.child("where_clause") if node.kind in where else None
    return condition is not None and _picks(condition)


def _picks(condition: Node) -> bool:
    if condition.kind == "BoolExpr" and condition.text("boolop") == "AND_EXPR":
        return any(map(_picks, condition.children("args")))
    if condition.kind != "A_Expr":
        return False
    equal = condition.children("name")[-1].text("sval") in ("=", "BETWEEN")
    if condition.text("kind") not in ("AEXPR_OP", "AEXPR_IN", "AEXPR_BETWEEN") or not equal:
        return False
    sides = condition.child("lexpr"), condition.child("rexpr")
    return any(side is not None and _is_value(side) for side in sides)


def _is_value(node: Node) -> bool:
    """Tell whether this is a constant, with a cast or without, or a list of them."""
    inside = node.child("arg") if node.kind == "TypeCast" else None
    if node.kind == "List":
        return all(map(_is_value, node.children("items")))
    return node.kind == "A_Const" or (inside is not None and _is_value(inside))


def calls(facts: Facts, *names: str) -> Iterator[Node]:
    """Yield the calls of functions of these names, whatever schema is written before them.

    The bodies of functions are text to the parser: what they call is not seen.
    """
    if any(name in facts.statement.text.lower() for name in names):
        for node in facts.node.walk():
            if node.kind == "FuncCall" and node.children("funcname")[-1].text("sval") in names:
                yield node


def dotted(parts: Iterable[Node]) -> str:
    """Return a name that is a list of String nodes, as it is written."""
    return ".".join(part.text("sval") for part in parts if part.kind == "String")


_BLOCK = re.compile(r"\b(?:begin|start\s+transaction)\b", re.IGNORECASE)
_UPKEEP = re.compile(
    r"(?:create\s+(?:unique\s+)?index|drop\s+index|reindex|analyze|vacuum|comment|set)\b"
    r"|alter\s+table\b.*\bdetach\s+partition\b",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r'(?:"[^"\n]*"|[\w$]+)(?:\.(?:"[^"\n]*"|[\w$]+))*')


def _offset(text: str, at: Node | str | int | None) -> int | None:
    """Return where a node or a word stands in the text of its statement."""
    if isinstance(at, int):
        return at
    if isinstance(at, str):
        found = re.search(rf"(?<![\w$]){re.escape(at)}(?![\w$])", text, re.IGNORECASE)
        return found.start() if found else None
    location = at.location if at is not None else None
    return None if location is None else len(text.encode()[:location].decode(errors="ignore"))

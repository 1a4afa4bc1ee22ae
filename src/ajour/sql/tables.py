"""What is known of a table, as values: columns, constraints, indexes. See schema.py."""

from dataclasses import dataclass
from typing import Literal

from ajour.model import Relation
from ajour.sql.guard import Policy
from ajour.sql.parse import Node
from ajour.sql.types import Type

TableKind = Literal[
    "table", "partitioned table", "foreign table", "view", "materialized view", "sequence"
]
ConstraintKind = Literal["check", "not null", "primary key", "unique", "foreign key", "exclude"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    type: Type | None
    """None where no file tells; a serial's is the integer that it stands for."""
    not_null: bool = False
    default: Node | None = None
    """The expression; for a generated column the one that it is made by."""
    generated: Literal["stored", "virtual"] | None = None
    identity: Literal["always", "by default"] | None = None
    sequence: Relation | None = None
    """The sequence that it owns: that of a serial or an identity."""
    collation: str = ""
    """Empty where it is the type's own."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table, or of a domain."""

    name: str
    """As PostgreSQL names it where the file does not."""
    kind: ConstraintKind
    columns: tuple[str, ...] = ()
    """What it is on; of a CHECK, those that its expression names."""
    expression: Node | None = None
    """That of a CHECK."""
    references: Relation | None = None
    """The table that a foreign key points to."""
    referenced: tuple[str, ...] = ()
    """Its columns that the key points to; empty where that is not known."""
    valid: bool = True
    """False after NOT VALID, until VALIDATE."""
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """An index, also the one of a constraint, which has the constraint's name."""

    relation: Relation
    table: Relation
    columns: tuple[str, ...]
    """The columns that its keys, INCLUDE, expressions and condition name, each once."""
    keys: tuple[str | None, ...] = ()
    """Its keys in order; None for an expression."""
    unique: bool = False
    partial: bool = False
    plain: bool = True
    """A btree of its keys in ascending order, by the types' own operators."""
    expressions: bool = False
    """A key or the condition is an expression: a change of type always builds it anew."""
    stem: str = ""
    """What PostgreSQL makes of its columns for a name: that of a copy has it as well."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table, view, materialized view or sequence."""

    relation: Relation
    kind: TableKind | None = None
    """None where it is not known: a statement named the relation and did not say what it is."""
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    whole: bool = False
    """All its columns and constraints are known. False for one that no file creates: what stands
    here was told by later statements, and there may be more."""
    file: str = ""
    """The file that created it; empty where none did."""
    parents: tuple[Relation, ...] = ()
    """What it is a partition of, or inherits from."""
    bound: Literal["values", "default"] | None = None
    """As a partition: with values of its own, or DEFAULT."""
    partition_by: tuple[str | None, ...] = ()
    """As a partitioned table: the columns of its key in order; None for an expression."""
    unlogged: bool = False
    temporary: bool = False
    reads: tuple[Relation, ...] = ()
    """As a view or materialized view: the relations that its query names."""
    tablespace: str = ""
    """Empty where CREATE names none: that is the database's own, as a rule pg_default."""
    method: str = ""
    """The access method; empty where CREATE names none: that is heap as a rule."""
    populated: bool = True
    """False for a materialized view made WITH NO DATA."""
    row_security: bool | None = None
    """Whether row level security is on; None where that is not known."""
    policies: tuple[Policy, ...] = ()
    invoker: bool = False
    """As a view: it reads with the rights of who asks, not of its owner."""
    names: tuple[str, ...] = ()
    """As a view or materialized view: the columns that its query names, "*" for all."""
    closed: frozenset[str] = frozenset()
    """Roles that its rights were revoked from; "public" for PUBLIC."""

    def column(self, name: str) -> Column | None:
        """Return a column; None where it is not known."""
        return next((each for each in self.columns if each.name == name), None)

    def constraint(self, name: str) -> Constraint | None:
        """Return a constraint; None where it is not known."""
        return next((each for each in self.constraints if each.name == name), None)
